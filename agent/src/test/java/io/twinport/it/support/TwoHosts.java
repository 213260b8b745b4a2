package io.twinport.it.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Two network namespaces that are two hosts to whoever runs in them, and the line between them.
 * What is on one host only, names of shared memory among it, is not seen by the other.
 */
public final class TwoHosts implements AutoCloseable {
  private static final String NETWORK = "10.99.0.";
  private static final String INTERFACE = "eth0";

  private final List<Host> hosts = new ArrayList<>();
  private LossyLine wire;

  /** One of the two. */
  public record Host(NetworkNamespace network, String address) {
    /** Has a JVM run on this host, with the SAN providers of hosts that are joined by a network. */
    public Jvm run(Jvm jvm) {
      return jvm.through(network.enter())
          .twinport("providers", "shm,ucx")
          .twinport("ucx.transport", "tcp")
          // How soon a peer that is there answers depends on how busy this machine is.
          .twinport("connect-millis", "10000");
    }

    /** Has any command run on this host. */
    public List<String> command(List<String> words) {
      List<String> command = new ArrayList<>(List.of(network.enter()));
      command.addAll(words);
      return command;
    }

    public SwitchStatus status(Program program) throws Exception {
      return SwitchStatus.of(program, network.enter());
    }
  }

  private TwoHosts() throws IOException {
    for (int i = 1; i <= 2; i++) {
      hosts.add(new Host(NetworkNamespace.openHost(), NETWORK + i));
    }
  }

  public Host server() {
    return hosts.get(0);
  }

  public Host client() {
    return hosts.get(1);
  }

  /** Two hosts side by side. */
  public static TwoHosts near() throws Exception {
    TwoHosts hosts = new TwoHosts();
    try {
      String[] end = new String[2];
      for (int i = 0; i < 2; i++) {
        end[i] = Long.toString(hosts.hosts.get(i).network().pid());
      }
      String link = "ip link add " + INTERFACE + " netns " + end[0] + " type veth peer name ";
      hosts.server().network().run((link + INTERFACE + " netns " + end[1]).split(" "));
      hosts.configure(INTERFACE, 1500);
      return hosts;
    } catch (Exception | Error e) {
      hosts.close();
      throw e;
    }
  }

  /**
   * Two hosts and a bad line.
   *
   * @param delay how long a packet takes, one way
   * @param loss the share of packets that are lost, each way
   */
  public static TwoHosts far(Duration delay, double loss) throws Exception {
    TwoHosts hosts = new TwoHosts();
    try {
      hosts.wire = new LossyLine(hosts.server().network(), hosts.client().network(), delay, loss);
      hosts.configure(LossyLine.INTERFACE, LossyLine.MTU);
      return hosts;
    } catch (Exception | Error e) {
      hosts.close();
      throw e;
    }
  }

  private void configure(String interfaceName, int mtu) throws Exception {
    for (Host host : hosts) {
      NetworkNamespace network = host.network();
      // Or the ports are used up by those of connections that ended in the last minute.
      network.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse");
      network.run("ip", "address", "add", host.address() + "/24", "dev", interfaceName);
      network.run("ip", "link", "set", interfaceName, "mtu", Integer.toString(mtu), "up");
    }
    for (Host host : hosts) {
      // The kernel says a little later that an interface can be used.
      String state = "/sys/class/net/" + interfaceName + "/operstate";
      String isUsed = "grep -qE 'up|unknown' " + state;
      host.network().run("sh", "-c", "until " + isUsed + "; do sleep 0.01; done");
    }
  }

  /**
   * Has TCP send on at a rate of its own where packets are lost, if this kernel can: the time that
   * the tests take is TCP's then, and not that of its retreat.
   */
  public TwoHosts withSteadyTcp() throws Exception {
    String available =
        Files.readString(Path.of("/proc/sys/net/ipv4/tcp_available_congestion_control"));
    if (available.contains("bbr")) {
      for (Host host : hosts) {
        host.network().run("sh", "-c", "echo bbr > /proc/sys/net/ipv4/tcp_congestion_control");
      }
    }
    return this;
  }

  /** How many packets a {@link #far} line has lost. */
  public long lostPackets() {
    return wire.lost();
  }

  /** Parts the hosts for good. On a {@link #far} line, nobody is told. */
  public void cut() throws Exception {
    if (wire != null) {
      wire.cut();
    } else {
      server().network().run("ip", "link", "delete", INTERFACE);
    }
  }

  @Override
  public void close() throws IOException {
    if (wire != null) {
      wire.close();
    }
    for (Host host : hosts) {
      host.network().close();
    }
  }
}
