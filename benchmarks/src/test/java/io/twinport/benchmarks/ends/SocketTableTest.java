package io.twinport.benchmarks.ends;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SocketTableTest {
  private static final String TABLE =
      """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
         1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 2
         2: 0100007F:C001 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 3
         3: 0100007F:1F90 0100007F:C002 06 00000000:00000000 03:00000176 00000000     0        0 0
         4: 0100007F:1F91 0100007F:C003 01 00000000:1F90 00:00000000 00000000     0        0 4
        10: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0
        11: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:C004 01 0:0 0
      """;

  private static SocketTable table(int port) throws IOException {
    return SocketTable.parse(
        new ByteArrayInputStream(TABLE.getBytes(StandardCharsets.US_ASCII)), port);
  }

  @Test
  void countsBothFamilies() throws IOException {
    assertEquals(2, table(8080).established());
  }

  @Test
  void connectionsAreAllButListeners() throws IOException {
    assertEquals(3, table(8080).connections());
  }

  @Test
  void otherPortsDoNotCount() throws IOException {
    assertEquals(1, table(8081).connections());
    assertEquals(0, table(8082).connections());
  }

  @Test
  void remotePortsDoNotCount() throws IOException {
    assertEquals(1, table(0xC001).connections());
    assertEquals(0, table(0xC002).connections());
  }

  @Test
  void seesConnectionsOfThisProcess() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = listener.socket().getLocalPort();
      assertEquals(0, SocketTable.read(port).connections());
      try (SocketChannel client = SocketChannel.open(listener.getLocalAddress());
          SocketChannel accepted = listener.accept()) {
        assertEquals(client.getLocalAddress(), accepted.getRemoteAddress());
        assertEquals(1, SocketTable.read(port).established());
      }
    }
  }
}
