package io.twinport.it.apps;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/** A listener whose program makes MBean servers when it is told to. */
public final class ManagedServer {
  private final List<AutoCloseable> open = new ArrayList<>();

  private ManagedServer() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    ManagedServer program = new ManagedServer();
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(any)) {
      InetSocketAddress local = (InetSocketAddress) listener.getLocalAddress();
      program.open.add(SocketChannel.open(local));
      program.open.add(listener.accept());
      new Console()
          .on("servers", words -> "servers=" + MBeanServerFactory.findMBeanServer(null).size())
          .on("own", program::own)
          .on("platform", program::platform)
          .on("read", program::read)
          .on("listener", program::listener)
          .serve("ports=" + local.getPort());
    }
    for (AutoCloseable each : program.open) {
      each.close();
    }
  }

  /** An MBean server of its own, which has nothing of the platform's, and an MXBean in it. */
  private String own(String... words) throws JMException {
    MBeanServer own = MBeanServerFactory.createMBeanServer("own");
    own.registerMBean(ManagementFactory.getRuntimeMXBean(), new ObjectName("own:type=Something"));
    ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
    return "beans=" + own.queryNames(new ObjectName("io.twinport:*"), null).size();
  }

  private String platform(String... words) throws JMException {
    MBeanServer platform = ManagementFactory.getPlatformMBeanServer();
    return "beans="
        + new TreeSet<>(platform.queryNames(new ObjectName("io.twinport:*"), null))
            .stream().map(ObjectName::toString).collect(Collectors.joining(";"));
  }

  /** The numbers of the one listener. */
  private String listener(String... words) throws JMException {
    TabularData all =
        (TabularData)
            ManagementFactory.getPlatformMBeanServer()
                .getAttribute(new ObjectName("io.twinport:type=Switch"), "Listeners");
    CompositeData row = (CompositeData) all.values().iterator().next();
    CompositeData one = (CompositeData) row.get("value");
    return new TreeSet<>(one.getCompositeType().keySet())
        .stream().map(name -> name + "=" + one.get(name)).collect(Collectors.joining(","));
  }

  /** {@code read BEAN ATTRIBUTE}. */
  private String read(String... words) throws JMException, IOException {
    MBeanServer platform = ManagementFactory.getPlatformMBeanServer();
    Object value = platform.getAttribute(new ObjectName("io.twinport:type=" + words[1]), words[2]);
    return "value=" + value;
  }
}
