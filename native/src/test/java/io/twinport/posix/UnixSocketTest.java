package io.twinport.posix;

import static io.twinport.posix.SharedMemoryTest.assertErrno;
import static io.twinport.posix.SharedMemoryTest.closeAll;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OpenDescriptors.class)
class UnixSocketTest {
  private static final int F_GETFD = 1;
  private static final int FD_CLOEXEC = 1;

  private final String name = "twinport-test-" + ProcessHandle.current().pid();
  private final int[] none = new int[0];
  private int left;
  private int right;

  @BeforeEach
  void open() throws IOException {
    int[] pair = UnixSocket.pair();
    left = pair[0];
    right = pair[1];
  }

  @AfterEach
  void close() {
    closeAll(left, right);
  }

  @Test
  void connectMeetsAccept() throws IOException {
    int listener = UnixSocket.listen(name, 8);
    assertEquals(-1, UnixSocket.accept(listener));
    int client = UnixSocket.connect(name);
    int server = UnixSocket.accept(listener);
    assertTrue(client >= 0 && server >= 0);
    assertEquals(-1, UnixSocket.accept(listener));

    assertTrue(UnixSocket.send(client, bytes("hello")));
    ByteBuffer room = ByteBuffer.allocate(100);
    assertEquals(5, Messages.receive(server, room, none));
    assertEquals("hello", text(room));
    closeAll(client, server, listener);
  }

  @Test
  void nobodyThereIsARefusal() throws IOException {
    assertEquals(-Errno.ECONNREFUSED, UnixSocket.connect(name));
    Posix.close(UnixSocket.listen(name, 1));
    assertEquals(-Errno.ECONNREFUSED, UnixSocket.connect(name));
  }

  @Test
  void backlogIsABound() throws IOException {
    int listener = UnixSocket.listen(name, 3);
    int[] clients = new int[4];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = UnixSocket.connect(name);
      assertTrue(clients[i] >= 0);
    }
    assertEquals(-Errno.EAGAIN, UnixSocket.connect(name));
    int server = UnixSocket.accept(listener);
    int next = UnixSocket.connect(name);
    assertTrue(next >= 0);
    closeAll(clients);
    closeAll(server, next, listener);
  }

  @Test
  void heldNameIsInUseUntilClosed() throws IOException {
    int listener = UnixSocket.listen(name, 1);
    ErrnoException held = assertThrows(ErrnoException.class, () -> UnixSocket.listen(name, 1));
    assertEquals(Errno.EADDRINUSE, held.errno());
    assertEquals("listen(@" + name + "): Address already in use (98)", held.getMessage());
    Posix.close(listener);
    Posix.close(UnixSocket.listen(name, 1));
  }

  @Test
  void namesHaveALength() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> UnixSocket.listen("", 1));
    assertThrows(IllegalArgumentException.class, () -> UnixSocket.connect("x".repeat(108)));
    String longest = (name + "-" + "x".repeat(107)).substring(0, UnixSocket.MAX_NAME);
    int listener = UnixSocket.listen(longest, 1);
    Posix.close(UnixSocket.connect(longest));
    assertEquals(
        -Errno.ECONNREFUSED, UnixSocket.connect(longest.substring(0, UnixSocket.MAX_NAME - 1)));
    Posix.close(listener);
  }

  @Test
  void messagesKeepTheirLimits() throws IOException {
    assertTrue(UnixSocket.send(left, bytes("one")));
    assertTrue(UnixSocket.send(left, bytes("three")));
    ByteBuffer room = ByteBuffer.allocate(100);
    assertEquals(3, Messages.receive(right, room, none));
    assertEquals(5, Messages.receive(right, room, none));
    assertEquals(-1, Messages.receive(right, room, none));
    assertEquals("onethree", text(room));
  }

  @Test
  void anyKindOfBufferWillDo() throws IOException {
    ByteBuffer direct = ByteBuffer.allocateDirect(8);
    direct.put(2, (byte) 'd').position(2).limit(3);
    ByteBuffer slice = ByteBuffer.wrap(new byte[] {'.', '.', 's', '.'}, 2, 1).slice();
    assertTrue(UnixSocket.send(left, direct));
    assertFalse(direct.hasRemaining());
    assertTrue(UnixSocket.send(left, slice.asReadOnlyBuffer()));

    ByteBuffer room = ByteBuffer.allocateDirect(8);
    room.position(3);
    assertEquals(1, Messages.receive(right, room, none));
    ByteBuffer array = ByteBuffer.wrap(new byte[8], 4, 2).slice();
    assertEquals(1, Messages.receive(right, array, none));
    assertEquals('d', room.get(3));
    assertEquals('s', array.get(0));
    assertThrows(
        IllegalArgumentException.class, () -> UnixSocket.send(left, ByteBuffer.allocate(0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> UnixSocket.send(left, ByteBuffer.allocate(UnixSocket.MAX_MESSAGE + 1)));
  }

  @Test
  void longestMessagePasses() throws IOException {
    assertTrue(UnixSocket.send(left, ByteBuffer.allocate(UnixSocket.MAX_MESSAGE)));
    ByteBuffer room = ByteBuffer.allocate(UnixSocket.MAX_MESSAGE + 1);
    assertEquals(UnixSocket.MAX_MESSAGE, Messages.receive(right, room, none));
  }

  @Test
  void descriptorsArePassed() throws IOException {
    int event = Posix.eventfd();
    int memory = Posix.memfd("passed", 4096);
    Posix.seal(memory, Posix.PEER_SEALS);
    assertTrue(UnixSocket.send(left, bytes("x"), event, memory));
    closeAll(event, memory);

    int[] fds = new int[4];
    assertEquals(1, Messages.receive(right, ByteBuffer.allocate(1), fds));
    assertArrayEquals(new int[] {-1, -1}, Arrays.copyOfRange(fds, 2, 4));
    assertTrue(Posix.isEventfd(fds[0]));
    assertTrue(Posix.isSharable(fds[1], 4096));
    assertEquals(FD_CLOEXEC, LibC.fcntl(fds[0], F_GETFD, 0));
    assertEquals(8, Posix.signal(fds[0]));
    closeAll(fds);
  }

  @Test
  void eightDescriptorsPassAndNineDoNot() throws IOException {
    int event = Posix.eventfd();
    int[] eight = new int[UnixSocket.MAX_FDS];
    Arrays.fill(eight, event);
    assertTrue(UnixSocket.send(left, bytes("x"), eight));
    int[] nine = Arrays.copyOf(eight, 9);
    assertThrows(IllegalArgumentException.class, () -> UnixSocket.send(left, bytes("x"), nine));

    int[] received = new int[UnixSocket.MAX_FDS];
    assertEquals(1, Messages.receive(right, ByteBuffer.allocate(1), received));
    for (int fd : received) {
      assertEquals(8, Posix.signal(fd));
    }
    closeAll(received);
    Posix.close(event);
  }

  @Test
  void surplusDescriptorsAreAnErrorAndAreClosed() throws IOException {
    int event = Posix.eventfd();
    List<String> before = OpenDescriptors.list();
    for (int room = 0; room < 3; room++) {
      assertTrue(UnixSocket.send(left, bytes("x"), event, event, event));
      int[] fds = new int[room];
      assertThrows(IOException.class, () -> Messages.receive(right, ByteBuffer.allocate(1), fds));
      for (int fd : fds) {
        assertEquals(-1, fd);
      }
      assertEquals(before, OpenDescriptors.list());
    }
    assertTrue(UnixSocket.send(left, bytes("next")));
    assertEquals(4, Messages.receive(right, ByteBuffer.allocate(8), none));
    Posix.close(event);
  }

  /** As long as it lies in the socket its last close is nobody's business who only looks. */
  @Test
  void messageThatWasLookedAtIsStillThere() throws IOException {
    int event = Posix.eventfd();
    assertTrue(UnixSocket.send(left, bytes("xy"), event));
    Posix.close(event);
    List<String> before = OpenDescriptors.list();
    try (UnixSocket.Inbox inbox = new UnixSocket.Inbox(10, 2)) {
      for (int i = 0; i < 3; i++) {
        assertEquals(2, inbox.peek(right));
        assertFalse(inbox.isCut());
        assertEquals('x', inbox.message().get());
        assertEquals(8, Posix.signal(inbox.fds()[0]));
        assertEquals(-1, inbox.fds()[1]);
      }
      int kept = inbox.fds()[0];
      inbox.fds()[0] = -1;
      inbox.skip(right);
      assertEquals(-1, inbox.peek(right));
      assertEquals(8, Posix.drain(kept));
      Posix.close(kept);
    }
    assertEquals(before, OpenDescriptors.list());
  }

  @Test
  void strangersBringNothing() throws IOException {
    int listener = UnixSocket.listen(name, 8);
    int client = UnixSocket.connect(name);
    int event = Posix.eventfd();
    assumeTrue(
        UnixSocket.takesDescriptors(client, false),
        "this kernel (before 6.16) can't keep descriptors off a socket");
    assertErrno(Errno.EPERM, () -> UnixSocket.send(client, bytes("x"), event)); // Not accepted yet.
    int server = UnixSocket.accept(listener);
    assertErrno(Errno.EPERM, () -> UnixSocket.send(client, bytes("x"), event));
    assertErrno(Errno.EPERM, () -> UnixSocket.send(server, bytes("x"), event));
    UnixSocket.takesDescriptors(server, true);
    assertTrue(UnixSocket.send(client, bytes("x"), event));
    closeAll(client, server, listener, event);
  }

  @Test
  void tooLongAMessageIsAnErrorAndItsDescriptorsAreClosed() throws IOException {
    int event = Posix.eventfd();
    List<String> before = OpenDescriptors.list();
    assertTrue(UnixSocket.send(left, bytes("xxxx"), event));
    int[] fds = new int[1];
    ByteBuffer room = ByteBuffer.allocate(3);
    assertThrows(IOException.class, () -> Messages.receive(right, room, fds));
    assertEquals(0, room.position());
    assertEquals(-1, fds[0]);
    assertEquals(before, OpenDescriptors.list());
    Posix.close(event);
  }

  @Test
  void closedDescriptorsAreNotSent() {
    assertErrno(Errno.EBADF, () -> UnixSocket.send(left, bytes("x"), -1));
  }

  @Test
  void descriptorsNobodyReceivedAreGoneWithTheSocket() throws IOException {
    int[] sent = UnixSocket.pair();
    int[] pair = UnixSocket.pair();
    assertTrue(UnixSocket.send(pair[0], bytes("x"), sent[0]));
    closeAll(pair[0], pair[1], sent[0]);
    assertEquals(0, Messages.receive(sent[1], ByteBuffer.allocate(1), none));
    Posix.close(sent[1]);
  }

  @Test
  void fullSocketTakesTheMessageLater() throws IOException {
    ByteBuffer message = ByteBuffer.allocate(10_000);
    int sent = 0;
    while (UnixSocket.send(left, message)) {
      message.clear();
      sent++;
    }
    assertEquals(10_000, message.remaining());
    assertTrue(sent > 0);
    ByteBuffer room = ByteBuffer.allocate(10_000);
    for (int i = 0; i < sent; i++) {
      assertEquals(10_000, Messages.receive(right, room, none));
      room.clear();
    }
    assertTrue(UnixSocket.send(left, message));
  }

  @Test
  void closeIsTheEndOfTheStreamAfterWhatWasSent() throws IOException {
    int[] pair = UnixSocket.pair();
    UnixSocket.send(pair[1], bytes("unread by the one who goes"));
    UnixSocket.send(pair[0], bytes("last words"));
    Posix.close(pair[0]);

    ByteBuffer room = ByteBuffer.allocate(100);
    assertEquals(10, Messages.receive(pair[1], room, none));
    assertEquals("last words", text(room));
    assertEquals(0, Messages.receive(pair[1], room.clear(), none));
    assertErrno(Errno.EPIPE, () -> UnixSocket.send(pair[1], bytes("x")));
    Posix.close(pair[1]);
  }

  @Test
  void shutdownIsTheEndForBoth() throws IOException {
    UnixSocket.send(left, bytes("x"));
    UnixSocket.shutdown(left);
    assertEquals(1, Messages.receive(right, ByteBuffer.allocate(1), none));
    assertEquals(0, Messages.receive(right, ByteBuffer.allocate(1), none));
    assertEquals(0, Messages.receive(left, ByteBuffer.allocate(1), none));
    assertErrno(Errno.EPIPE, () -> UnixSocket.send(left, bytes("x")));
  }

  @Test
  void kernelSaysWhoIsThere() throws IOException {
    int listener = UnixSocket.listen(name, 1);
    int client = UnixSocket.connect(name);
    int server = UnixSocket.accept(listener);
    Credentials me = new Credentials(Posix.pid(), Posix.effectiveUid(), gid());
    assertEquals(me, UnixSocket.peer(client));
    assertEquals(me, UnixSocket.peer(server));
    assertEquals(ProcessHandle.current().pid(), me.pid());
    assertEquals(Posix.uid(), me.uid());
    closeAll(listener, client, server);
    assertErrno(Errno.EBADF, () -> UnixSocket.peer(client));
  }

  @Test
  @Timeout(60)
  void killedPeerHangsUp() throws Exception {
    int listener = UnixSocket.listen(name, 1);
    Process child = ChildJvm.start(Connecting.class, List.of(), name);
    try (Epoll epoll = new Epoll(4)) {
      epoll.add(listener, Epoll.EPOLLIN, 1);
      await(epoll, 1);
      int server = UnixSocket.accept(listener);
      UnixSocket.takesDescriptors(server, true);
      assertEquals(child.pid(), UnixSocket.peer(server).pid());
      epoll.add(server, Epoll.EPOLLIN | Epoll.EPOLLRDHUP, 2);
      await(epoll, 2);
      int[] fds = new int[1];
      ByteBuffer room = ByteBuffer.allocate(100);
      assertEquals(5, Messages.receive(server, room, fds));
      assertEquals(0, epoll.await(0));

      child.destroyForcibly();
      assertTrue(child.waitFor(10, TimeUnit.SECONDS));
      await(epoll, 2);
      assertTrue((epoll.events(0) & Epoll.EPOLLHUP) != 0);
      assertEquals(0, Messages.receive(server, room, none));
      closeAll(server, fds[0], listener);
    } finally {
      child.destroyForcibly();
      closeStreams(child);
    }
  }

  /** The process that is killed: connects, sends its bell, and stays. */
  static final class Connecting {
    private Connecting() {}

    public static void main(String[] args) throws Exception {
      int socket = UnixSocket.connect(args[0]);
      int event = Posix.eventfd();
      boolean sent = false;
      while (!sent) {
        try {
          sent = UnixSocket.send(socket, bytes("hello"), event);
        } catch (ErrnoException e) {
          Thread.sleep(1); // They are not allowed yet.
        }
      }
      Posix.close(event);
      Thread.sleep(60_000);
    }
  }

  private static void closeStreams(Process process) throws IOException {
    process.getInputStream().close();
    process.getErrorStream().close();
    process.getOutputStream().close();
  }

  /** Waits for one event, which must be of what was added with {@code data}. */
  private static void await(Epoll epoll, long data) throws IOException {
    assertEquals(1, epoll.await(30_000));
    assertEquals(data, epoll.data(0));
  }

  private static long gid() throws IOException {
    return ((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:gid")).longValue();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static String text(ByteBuffer filled) {
    return UTF_8.decode(filled.flip()).toString();
  }
}
