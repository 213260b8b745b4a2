package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.PeerProcess.Role;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.rendezvous.TwinNames;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two JVMs, one of which may be killed or stopped at any moment. */
@Tag("on-one-jdk")
@Timeout(120)
class TwoProcessesTest {
  private ServerSocket port;
  private InetSocketAddress address;

  @BeforeEach
  void reservePort() throws IOException {
    port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    address = (InetSocketAddress) port.getLocalSocketAddress();
  }

  @AfterEach
  void releasePort() throws IOException {
    port.close();
  }

  private PeerProcess start(Role role) throws IOException {
    return PeerProcess.start(role, address.getPort());
  }

  private SanConnection connect() throws IOException {
    return Listening.connect(Listening.provider(), address, null);
  }

  @Test
  void echo() throws Exception {
    try (PeerProcess server = start(Role.ECHO)) {
      assertEquals("0", server.ask("count"));
      for (int i = 0; i < 20; i++) {
        SanConnection client = connect();
        byte[] bytes = Flow.bytes(i, 1 + i * 70_000);
        Flow.write(client, bytes);
        client.shutdownOutput();
        assertArrayEquals(bytes, Flow.read(client, bytes.length + 1));
        client.close();
      }
      assertEquals("20", server.ask("count"));
    }
  }

  @Test
  void firstConnectOfAProcessIsWokenThoughItsProviderStartsMeanwhile() throws Exception {
    try (PeerProcess server = start(Role.HOLD)) {
      for (int i = 0; i < 3; i++) {
        try (PeerProcess client = start(Role.CLIENT_CONNECT)) {
          assertEquals("connected", client.ask("connect"));
        }
      }
      Flow.eventually(10_000, () -> counts(server, "3"), "requests are lost");
    }
  }

  @Test
  void killedServer() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (PeerProcess server = start(Role.SOURCE)) {
        SanConnection client = connect();
        long position = readNumbered(client, 0, 1 + i * 10_000_000L);
        long killed = server.kill();
        readNumbered(client, position, Long.MAX_VALUE);
        assertHeardWithinASecond(killed);
        assertThrows(
            IOException.class,
            () -> {
              client.write(ByteBuffer.allocate(1));
              client.write(ByteBuffer.allocate(1));
            });
        client.close();
      }
    }
  }

  @Test
  void killedClient() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (Listening listening = Listening.open(5);
          PeerProcess client =
              PeerProcess.start(Role.CLIENT_SOURCE, listening.address().getPort())) {
        SanConnection server = listening.accept();
        long position = readNumbered(server, 0, 1 + i * 10_000_000L);
        long killed = client.kill();
        readNumbered(server, position, Long.MAX_VALUE);
        assertHeardWithinASecond(killed);
        server.close();
        listening.pair().close();
      }
    }
  }

  /** Reads at least {@code count} bytes, or to the end, however the stream ends. */
  private static long readNumbered(SanConnection from, long position, long count)
      throws IOException {
    ByteBuffer dst = ByteBuffer.allocate(100_000);
    long at = position;
    try (BellSeat seat = BellSeat.of(Listening.provider())) {
      while (at - position < count && Flow.read(from, dst.clear(), seat) >= 0) {
        dst.flip();
        while (dst.hasRemaining()) {
          assertEquals(PeerProcess.numbered(at), dst.get());
          at++;
        }
      }
    } catch (SocketException e) {
      assertEquals("Connection reset", e.getMessage());
    }
    return at;
  }

  private static void assertHeardWithinASecond(long killed) {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed);
    assertTrue(millis < 1000, () -> "heard of the death after " + millis + " ms");
  }

  @Test
  void whatWasWrittenBeforeADeathArrives() throws Exception {
    try (Listening listening = Listening.open(5);
        PeerProcess client =
            PeerProcess.start(Role.CLIENT_MEBIBYTE, listening.address().getPort())) {
      client.expect("written");
      client.kill();
      SanConnection server = listening.accept();
      assertEquals(1 << 20, readNumbered(server, 0, Long.MAX_VALUE));
      Flow.assertEnd(server);
      server.close();
    }
  }

  @Test
  void deathOfAClientThatLeavesBytesUnreadIsAReset() throws Exception {
    try (Listening listening = Listening.open(5);
        PeerProcess client =
            PeerProcess.start(Role.CLIENT_MEBIBYTE, listening.address().getPort())) {
      client.expect("written");
      SanConnection server = listening.accept();
      Flow.write(server, new byte[10]);
      client.kill();
      Flow.read(server, 1 << 20);
      assertEquals(
          "Connection reset",
          assertThrows(SocketException.class, () -> Flow.read(server, 1)).getMessage());
      server.close();
    }
  }

  @Test
  void stoppedServerAcceptsNoGhosts() throws Exception {
    try (PeerProcess server = start(Role.HOLD)) {
      SanConnection first = connect();
      List<SanConnection> given = new ArrayList<>();
      server.halt();
      long start = System.nanoTime();
      for (int i = 0; i < 200; i++) {
        given.add(Listening.provider().connect(address, null));
      }
      assertEquals(
          Reason.TIMEOUT, assertThrows(SanUnavailableException.class, this::connect).reason());
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      assertTrue(millis < 3000, () -> "TCP is tried after " + millis + " ms");
      int connected = 0;
      for (SanConnection one : given) {
        if (one.cancelConnect()) {
          one.close();
        } else {
          connected++;
        }
      }
      // As many as have a place in the queue.
      assertTrue(connected > 0 && connected <= PeerProcess.BACKLOG, "connected: " + connected);
      server.resume();
      String taken = Integer.toString(connected + 1);
      Flow.eventually(10_000, () -> counts(server, taken), "what was connected is lost");
      SanConnection last = connect();
      String all = Integer.toString(connected + 2);
      Flow.eventually(10_000, () -> counts(server, all), "there are ghosts");
      for (int i = 0; i < 300; i++) {
        connect().close();
      }
      String more = Integer.toString(connected + 302);
      Flow.eventually(10_000, () -> counts(server, more), "requests are lost");
      given.forEach(SanConnection::close);
      first.close();
      last.close();
    }
  }

  private static boolean counts(PeerProcess server, String count) {
    try {
      return server.ask("count").equals(count);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void serverThatIsStoppedBeforeTheFirstConnect() throws Exception {
    try (PeerProcess server = start(Role.HOLD)) {
      server.halt();
      for (int i = 0; i < 2; i++) {
        assertEquals(
            Reason.TIMEOUT, assertThrows(SanUnavailableException.class, this::connect).reason());
      }
      server.resume();
      connect().close();
      Flow.eventually(10_000, () -> counts(server, "1"), "there are ghosts");
    }
  }

  @Test
  void serverThatDiesWhileClientsConnect() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (PeerProcess server = start(Role.HOLD)) {
        connect();
        server.halt();
        List<SanConnection> begun = new ArrayList<>();
        for (int k = 0; k < 100; k++) {
          begun.add(Listening.provider().connect(address, null));
        }
        server.kill();
        for (SanConnection one : begun) {
          try (BellSeat seat = BellSeat.of(Listening.provider())) {
            seat.await(one, NetworkEvent.CONNECT, Listening.MILLIS);
          }
          assertGone(one);
        }
      }
    }
  }

  /** One that had its place in the queue is reset, as its server's kernel would do it. */
  private static void assertGone(SanConnection client) throws IOException {
    boolean connected;
    try {
      connected = client.finishConnect();
    } catch (SanUnavailableException e) {
      connected = false;
      Reason reason = e.reason();
      assertTrue(
          reason == Reason.NO_TWIN || reason == Reason.PEER_GONE || reason == Reason.TIMEOUT,
          reason::code);
    }
    if (connected) {
      Flow.assertReset(client);
      client.close();
    }
  }

  @Test
  void restartedServerIsReachableAtOnce() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (PeerProcess server = start(Role.ECHO)) {
        SanConnection client = connect();
        Flow.write(client, new byte[100]);
        assertEquals(100, Flow.read(client, 100).length);
        server.kill();
        client.close();
      }
    }
    assertThrows(SanUnavailableException.class, this::connect);
  }

  @Test
  void deadPeersLeaveNothing() throws Exception {
    try (Listening listening = Listening.open(5)) {
      listening.pair().close();
    }
    int descriptors = descriptors();
    for (int i = 0; i < 5; i++) {
      try (Listening listening = Listening.open(5);
          PeerProcess client =
              PeerProcess.start(Role.CLIENT_SOURCE, listening.address().getPort());
          PeerProcess server = start(Role.SOURCE)) {
        SanConnection accepted = listening.accept();
        SanConnection connected = connect();
        readNumbered(accepted, 0, 1000);
        readNumbered(connected, 0, 1000);
        client.kill();
        server.kill();
        accepted.close();
        connected.close();
      }
    }
    Flow.eventually(10_000, () -> descriptors() <= descriptors, "descriptors stay");
  }

  /** The bells and wires of seats that have not waited before. */
  private static final int SEATS = 4;

  /**
   * A sixteenth for those who say nothing, and the socket that is just being accepted; a segment
   * that is given up and the next one.
   */
  private static final int MOST_OF_150 = 150 / 16 + 1 + 2;

  @Test
  void serverOutOfDescriptors() throws Exception {
    List<String> few = List.of("sh", "-c", "ulimit -n 150; exec \"$@\"", "sh");
    try (PeerProcess server = PeerProcess.start(Role.ECHO, address.getPort(), few)) {
      SanConnection before = connect();
      assertEchoed(before);
      int least = server.descriptors();
      List<Integer> crowd = new ArrayList<>();
      for (int i = 0; i < 1000 && crowd.size() < 300; i++) {
        int socket = UnixSocket.connect(TwinNames.of(address));
        if (socket >= 0) {
          crowd.add(socket);
        } else {
          // It lets nobody in any more.
          Thread.sleep(1);
        }
      }
      assertEchoed(before);
      int full = server.descriptors();
      assertTrue(full <= least + MOST_OF_150, () -> full + " after " + least + " descriptors");
      long idle = server.cpuTicks();
      Thread.sleep(1000);
      long used = server.cpuTicks() - idle;
      assertTrue(used < 50, () -> used + " ticks of 10 ms in a second");
      crowd.forEach(Posix::close);
      Flow.eventually(
          10_000, () -> server.descriptors() <= least + SEATS, "descriptors stay taken");
      // Over the link that is there already, and by the name again.
      assertEchoed(connect());
      Flow.eventually(10_000, this::isLetIn, "nobody is let in any more");
    }
  }

  /** A message waits in its socket for a descriptor, however long there is none. */
  @Test
  void serverThatGrabsEveryDescriptor() throws Exception {
    List<String> few = List.of("sh", "-c", "ulimit -n 150; exec \"$@\"", "sh");
    try (PeerProcess server = PeerProcess.start(Role.ECHO, address.getPort(), few)) {
      List<SanConnection> clients = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        clients.add(connect());
        assertEchoed(clients.get(i));
      }
      byte[] bytes = Flow.bytes(1, 1 << 20);
      for (int round = 0; round < 5; round++) {
        assertEquals("grabbing", server.ask("grab"));
        List<Future<byte[]>> echoes = new ArrayList<>();
        for (SanConnection client : clients) {
          echoes.add(inBackground(() -> Flow.read(client, bytes.length)));
          echoes.add(
              inBackground(
                  () -> {
                    Flow.write(client, bytes);
                    return bytes;
                  }));
        }
        Thread.sleep(500); // So many messages come while there are no descriptors.
        assertEquals("released", server.ask("release"));
        for (Future<byte[]> echo : echoes) {
          assertArrayEquals(bytes, echo.get());
        }
      }
    }
  }

  /** Nor does anybody wait without end for what a peer has sent that is no more. */
  @Test
  void peerEndsWhileItsMessageWaits() throws Exception {
    List<String> few = List.of("sh", "-c", "ulimit -n 150; exec \"$@\"", "sh");
    try (PeerProcess server = PeerProcess.start(Role.HOLD, address.getPort(), few)) {
      try (ForgedPeer peer = ForgedPeer.client(address)) {
        peer.hello();
        Flow.eventually(10_000, () -> describes(server, "1 link "), "there is no link");
        assertEquals("grabbing", server.ask("grab"));
        int memory = Posix.memfd("test", 4096);
        Posix.seal(memory, Posix.PEER_SEALS);
        peer.send(LinkMessages.numbers(LinkMessages.DATA, 1, 4096), memory);
        Posix.close(memory);
      }
      // At once, if a spare descriptor was there before it was grabbed.
      Flow.eventually(30_000, () -> describes(server, "0 links"), "the link stays");
    }
  }

  private static boolean describes(PeerProcess server, String how) {
    try {
      return server.ask("describe").startsWith(how);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Future<byte[]> inBackground(Callable<byte[]> task) {
    FutureTask<byte[]> future = new FutureTask<>(task);
    Thread thread = new Thread(future, "flow");
    thread.setDaemon(true);
    thread.start();
    return future;
  }

  private boolean isLetIn() {
    try {
      int socket = UnixSocket.connect(TwinNames.of(address));
      if (socket >= 0) {
        Posix.close(socket);
      }
      return socket >= 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertEchoed(SanConnection client) throws IOException {
    Flow.write(client, new byte[] {1, 2, 3});
    assertArrayEquals(new byte[] {1, 2, 3}, Flow.read(client, 3));
  }

  private static int descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return (int) open.count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
