package io.twinport.it.places;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.NetworkNamespace;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ports of clients' ends are none that the kernel gives to TCP. */
@Tag("on-one-jdk")
@Timeout(240)
class PortsIT {
  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void clientsHavePortsOutsideTheKernelsRange() throws Exception {
    List<SwitchStatus.Line> accepted = acceptedWith("2048 65000", "san.accepted");
    for (SwitchStatus.Line line : accepted) {
      int port = Integer.parseInt(line.remote().substring(line.remote().lastIndexOf(':') + 1));
      assertTrue(port >= 1024 && (port < 2048 || port > 65_000), line::toString);
    }
  }

  @Test
  void whereTheKernelHasAllPortsClientsGoByTcp() throws Exception {
    acceptedWith("1024 65535", "tcp.ports");
  }

  /** What a server with that range says of three connections, whose clients count them so. */
  private static List<SwitchStatus.Line> acceptedWith(String range, String counter)
      throws Exception {
    try (NetworkNamespace network = NetworkNamespace.open()) {
      network.run("sh", "-c", "echo " + range + " > /proc/sys/net/ipv4/ip_local_port_range");
      try (Program server =
              Jvm.of("SelectorEchoServer", "127.0.0.1/0").through(network.enter()).start();
          Program client = Jvm.of("BlockingEchoClient").through(network.enter()).start()) {
        client.call("open 3 127.0.0.1 " + server.port());
        assertEquals(0, client.call("echo 4096").number("wrong"));
        SwitchStatus status = SwitchStatus.of(server, network.enter());
        List<SwitchStatus.Line> accepted =
            status.connections(server.port()).stream()
                .filter(line -> line.role().equals("accepted"))
                .toList();
        assertEquals(3, accepted.size(), accepted::toString);
        String ofClient = counter.replace("accepted", "connected");
        assertEquals(3.0, SwitchStatus.of(client, network.enter()).counters().get(ofClient));
        return accepted;
      }
    }
  }
}
