package io.twinport.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TcpTableTest {
  private static InetSocketAddress address(String host, int port) {
    return new InetSocketAddress(host, port);
  }

  @Test
  void ofThisProcess() throws Exception {
    Path self = Path.of("/proc/self");
    InetAddress loopback = InetAddress.getLoopbackAddress();
    InetSocketAddress local;
    try (ServerSocket listener = new ServerSocket(0, 1, loopback)) {
      local = (InetSocketAddress) listener.getLocalSocketAddress();
      List<InetSocketAddress> all = TcpTable.listeners(self);
      assertTrue(all.stream().anyMatch(one -> one.getPort() == local.getPort()), all::toString);
    }
    List<InetSocketAddress> all = TcpTable.listeners(self);
    assertTrue(all.stream().noneMatch(one -> one.getPort() == local.getPort()), all::toString);
  }

  @Test
  void noneOfATableThatBreaksOff() throws Exception {
    Map<String, InetSocketAddress> found = new LinkedHashMap<>();
    for (String table :
        List.of("", "names\n", "names\n   0:", "names\n\n   0: 0100007F:1F90 0 06 ")) {
      TcpTable.addListeners(new BufferedReader(new StringReader(table)), found);
    }
    assertEquals(Map.of(), found);
  }

  @Test
  void listenersOnlyByInode() throws Exception {
    Map<String, InetSocketAddress> found = new LinkedHashMap<>();
    String rest = " 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 ";
    String table =
        String.join(
            "\n",
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when …",
            "   0: 0100007F:1F90" + rest + "4711 1 0000000000000000 100 0 0 10 0",
            "  10: 0000000000000000FFFF00000100007F:0050" + rest + "4713 1 00",
            " 100: 0100007F:1F90" + rest.replace(" 0A ", " 01 ") + "4712 1 0000000000000000",
            "there may be tens of thousands of these");
    TcpTable.addListeners(new BufferedReader(new StringReader(table)), found);
    assertEquals(
        Map.of("4711", address("127.0.0.1", 8080), "4713", address("127.0.0.1", 80)), found);
  }

  @Test
  void aWildcardIsKnownByItsPort() {
    List<InetSocketAddress> all =
        List.of(address("::", 1), address("127.0.0.1", 2), address("127.0.0.2", 2));
    assertEquals(
        List.of(address("127.0.0.1", 2)),
        TcpTable.without(all, List.of(address("0.0.0.0", 1), address("127.0.0.2", 2))));
    assertEquals(all, TcpTable.without(all, List.of()));
  }
}
