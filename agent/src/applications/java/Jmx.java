import java.lang.management.ManagementFactory;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServerConnection;
import javax.management.Notification;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;

/** JMX over RMI: attributes, operations and notifications. */
public final class Jmx {
  private static final int READS = 500;

  private Jmx() {}

  /** What is managed. */
  public interface BellMBean {
    /** How often it was rung. */
    int getRings();

    /** Rings it. */
    void ring();
  }

  /** The bean. */
  public static final class Bell extends NotificationBroadcasterSupport implements BellMBean {
    private int rings;

    @Override
    public synchronized int getRings() {
      return rings;
    }

    @Override
    public synchronized void ring() {
      rings++;
      sendNotification(new Notification("ring", this, rings));
    }
  }

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Jmx::server, Jmx::client);
  }

  private static JMXServiceURL url(Side side) throws Exception {
    return new JMXServiceURL(
        "service:jmx:rmi://127.0.0.1:"
            + side.port(1)
            + "/jndi/rmi://127.0.0.1:"
            + side.port()
            + "/jmxrmi");
  }

  private static AutoCloseable server(Side side) throws Exception {
    Registry registry = LocateRegistry.createRegistry(side.port());
    ManagementFactory.getPlatformMBeanServer()
        .registerMBean(new Bell(), new ObjectName("test:type=Bell"));
    JMXConnectorServer server =
        JMXConnectorServerFactory.newJMXConnectorServer(
            url(side), Map.of(), ManagementFactory.getPlatformMBeanServer());
    server.start();
    return () -> {
      server.stop();
      UnicastRemoteObject.unexportObject(registry, true);
    };
  }

  private static String client(Side side) throws Exception {
    try (JMXConnector connector = JMXConnectorFactory.connect(url(side))) {
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      ObjectName bell = new ObjectName("test:type=Bell");
      CountDownLatch heard = new CountDownLatch(10);
      beans.addNotificationListener(bell, (notification, back) -> heard.countDown(), null, null);
      int before = (Integer) beans.getAttribute(bell, "Rings");
      for (int i = 0; i < 10; i++) {
        beans.invoke(bell, "ring", new Object[0], new String[0]);
      }
      Side.check(heard.await(30, TimeUnit.SECONDS), "notifications are missing");
      int after = (Integer) beans.getAttribute(bell, "Rings");
      for (int i = 0; i < READS; i++) {
        beans.getAttribute(new ObjectName("java.lang:type=Memory"), "HeapMemoryUsage");
      }
      return (after - before) + " rings and " + READS + " reads";
    }
  }
}
