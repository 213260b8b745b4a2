package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Errno;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.connection.Request;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.rendezvous.TwinNames;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a hostile peer says on the socket, as a client and as a server, and what it leaves unsaid.
 */
@Tag("on-one-jdk")
@SuppressWarnings("ImmutableEnumChecker") // The lambdas capture nothing.
class HostileMessagesTest extends HostilePeer {
  /** What a link does not survive. */
  enum Message {
    EMPTY_BODY(p -> p.send(raw(LinkMessages.ASK_PERMIT))),
    UNKNOWN_TYPE(p -> p.send(raw(99, 1, 2, 3))),
    NEGATIVE_TYPE(p -> p.send(raw(-1, 0, 0, 0, 0))),
    SERVERS_MESSAGE(p -> p.send(LinkMessages.number(LinkMessages.PERMITTED, 1))),
    SECOND_HELLO(p -> p.send(LinkMessages.hello(ForgedPeer.id()), p.boardFd, p.bell)),
    LONG_MESSAGE(
        p -> p.send(ByteBuffer.allocate(LinkMessages.MAX_BYTES + 1).put(0, LinkMessages.BELL))),
    PERMIT_TO_NO_SEGMENT(p -> p.send(LinkMessages.askPermit(9, 5, 1, someone()))),
    PERMIT_WITH_NO_SLOT(p -> p.send(LinkMessages.askPermit(9, 0, ForgedPeer.SLOTS, someone()))),
    PERMIT_WITH_NEGATIVE_SLOT(p -> p.send(LinkMessages.askPermit(9, 0, -1, someone()))),
    PERMIT_WITH_A_NUMBER_IN_USE(p -> p.send(LinkMessages.askPermit(7, 0, 1, someone()))),
    PERMIT_TO_NO_PORT(
        p -> p.send(raw(LinkMessages.ASK_PERMIT, ints(9, 0, 1, 70_000), 4, 127, 0, 0, 1))),
    PERMIT_TO_HALF_AN_ADDRESS(
        p -> p.send(raw(LinkMessages.ASK_PERMIT, ints(9, 0, 1, 80), 4, 127, 0))),
    SEGMENT_WITHOUT_MEMORY(p -> p.send(LinkMessages.numbers(LinkMessages.SEGMENT, 1, 64))),
    SEGMENT_TWICE(p -> p.send(LinkMessages.numbers(LinkMessages.SEGMENT, 0, 64), half(p, 64))),
    SEGMENT_OF_ODD_SIZE(
        p -> p.send(LinkMessages.numbers(LinkMessages.SEGMENT, 1, 65), half(p, 128))),
    SEGMENT_TOO_LARGE(
        p -> p.send(LinkMessages.numbers(LinkMessages.SEGMENT, 1, 2048), half(p, 2048))),
    SEGMENT_NEGATIVE(p -> p.send(LinkMessages.numbers(LinkMessages.SEGMENT, -1, 64), half(p, 64))),
    SEGMENT_SHORT_OF_MEMORY(
        p -> p.send(LinkMessages.numbers(LinkMessages.SEGMENT, 1, 128), half(p, 64))),
    SEGMENT_NOT_SEALED(
        p -> p.send(LinkMessages.numbers(LinkMessages.SEGMENT, 1, 64), unsealed(p, 1 << 20))),
    SEGMENT_IS_A_BELL(p -> p.send(LinkMessages.numbers(LinkMessages.SEGMENT, 1, 64), p.bell)),
    DROP_OF_NO_SEGMENT(p -> p.send(LinkMessages.number(LinkMessages.DROP_SEGMENT, 5))),
    DROP_OF_A_SEGMENT_IN_USE(p -> p.send(LinkMessages.number(LinkMessages.DROP_SEGMENT, 0))),
    DATA_WITHOUT_MEMORY(p -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 4096))),
    DATA_NOT_SEALED(
        p -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 4096), unsealed(p, 4096))),
    DATA_SHORT_OF_MEMORY(
        p -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 1 << 22), half(p, 64))),
    DATA_WITH_TOO_MUCH_MEMORY(
        p -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 4096), memory(p, 8192))),
    DATA_WITH_HOLES(
        p -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 1 << 20), holes(p, 1 << 20))),
    DATA_OF_ODD_SIZE(
        p -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 5000), memory(p, 5000))),
    DATA_TOO_SMALL(p -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 1024), memory(p, 1024))),
    DATA_NEGATIVE(p -> p.send(LinkMessages.numbers(LinkMessages.DATA, -1, 4096), memory(p, 4096))),
    DATA_OF_NEGATIVE_SIZE(
        p -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, Integer.MIN_VALUE), half(p, 64))),
    DATA_TWICE(
        p -> {
          p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 4096), memory(p, 4096));
          p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 4096), memory(p, 4096));
        }),
    DATA_WITHOUT_END(
        p -> {
          int fd = memory(p, 4096);
          for (int i = 1; i < 3000; i++) {
            sendPatiently(p, LinkMessages.numbers(LinkMessages.DATA, i, 4096), fd);
          }
        }),
    DROP_OF_NO_DATA(p -> p.send(LinkMessages.number(LinkMessages.DROP_DATA, 5))),
    BELL_WITHOUT_WIRE(p -> p.send(LinkMessages.number(LinkMessages.BELL, 1))),
    BELL_IS_MEMORY(p -> p.send(LinkMessages.number(LinkMessages.BELL, 1), p.boardFd)),
    BELL_IS_A_SOCKET(p -> p.send(LinkMessages.number(LinkMessages.BELL, 1), p.socket)),
    BELL_OF_NO_SEAT(p -> p.send(LinkMessages.number(LinkMessages.BELL, LinkLayout.SEATS), p.bell)),
    BELL_OF_A_NEGATIVE_SEAT(p -> p.send(LinkMessages.number(LinkMessages.BELL, -1), p.bell)),
    TOO_MANY_DESCRIPTORS(
        p -> {
          int[] fds = new int[UnixSocket.MAX_FDS];
          Arrays.fill(fds, p.bell);
          for (int i = 0; i < 100; i++) {
            sendPatiently(p, LinkMessages.number(LinkMessages.BELL, 2), fds);
          }
          sendPatiently(p, raw(99));
        });

    private final Saying saying;

    Message(Saying saying) {
      this.saying = saying;
    }
  }

  @FunctionalInterface
  private interface Saying {
    void by(ForgedPeer peer) throws IOException;
  }

  private static void sendPatiently(ForgedPeer peer, ByteBuffer message, int... fds)
      throws IOException {
    try {
      while (!UnixSocket.send(peer.socket, message.duplicate(), fds)) {
        Thread.onSpinWait();
      }
    } catch (ErrnoException e) {
      // The victim has had enough of it, and takes no more descriptors.
      assertTrue(
          e.errno() == Errno.EPIPE || e.errno() == Errno.ECONNRESET || e.errno() == Errno.EPERM,
          e::getMessage);
    }
  }

  private static ByteBuffer raw(int type, int... body) {
    ByteBuffer message = ByteBuffer.allocate(1 + body.length).put((byte) type);
    for (int b : body) {
      message.put((byte) b);
    }
    return message.flip();
  }

  private static ByteBuffer raw(int type, byte[] numbers, int... rest) {
    ByteBuffer message =
        ByteBuffer.allocate(1 + numbers.length + rest.length).put((byte) type).put(numbers);
    for (int b : rest) {
      message.put((byte) b);
    }
    return message.flip();
  }

  private static byte[] ints(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length);
    for (int number : numbers) {
      bytes.putInt(number);
    }
    return bytes.array();
  }

  private static InetSocketAddress someone() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
  }

  /** Memory of which only the first page is there. */
  private static int holes(ForgedPeer peer, int bytes) throws IOException {
    int fd = peer.open(Posix.memfd("forged", 4096));
    try (RandomAccessFile file = new RandomAccessFile("/proc/self/fd/" + fd, "rw")) {
      file.setLength(bytes);
    }
    Posix.seal(fd, Posix.PEER_SEALS);
    return fd;
  }

  private static int unsealed(ForgedPeer peer, int bytes) throws IOException {
    return peer.open(Posix.memfd("forged", bytes));
  }

  @ParameterizedTest
  @EnumSource
  void forgedMessage(Message message) throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      SanConnection victim = accept(peer);
      message.saying.by(peer);
      peer.expectEnd();
      long told = Memory.getLongAcquire(peer.victimsSlot(0) + LinkLayout.STATE);
      assertEquals(LinkLayout.RESET, told & LinkLayout.RESET, "the peer is told as well");
      Flow.assertReset(victim);
      victim.close();
    }
  }

  @Test
  void questionsWithoutEndAndNoEarForAnswers() throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      SanConnection victim = accept(peer);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      assertThrows(
          ErrnoException.class,
          () -> {
            for (int i = 100; System.nanoTime() - end < 0; i++) {
              UnixSocket.send(peer.socket, LinkMessages.askPermit(i, 0, 1, someone()));
            }
          });
      Flow.assertReset(victim);
      victim.close();
    }
  }

  /** A thread that does nothing but poll. */
  private final class Polling implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    private CompletableFuture<Void> thread;

    void start(boolean thoroughly) {
      thread =
          CompletableFuture.runAsync(
              () -> {
                while (!over.get()) {
                  listening.through.poll(thoroughly);
                }
              });
    }

    @Override
    public void close() {
      over.set(true);
      thread.join();
    }
  }

  @Test
  void segmentIsDroppedAlongWithARequest() throws Exception {
    ServerSocket reserved = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    try (Polling polling = new Polling()) {
      polling.start(true);
      for (int i = 0; i < 200; i++) {
        try (ForgedPeer peer = ForgedPeer.client(listening.address())) {
          peer.hello();
          // The permit has its slot in one segment, the request stands in another.
          peer.firstSegment(1);
          peer.send(LinkMessages.askPermit(7, 1, 0, listening.address()));
          peer.expect(LinkMessages.PERMITTED);
          peer.segment(0);
          peer.ask(0, 1, 7);
          peer.send(LinkMessages.number(LinkMessages.DROP_SEGMENT, 0));
          LockSupport.parkNanos(1);
          for (SanConnection victim = listening.listener.accept();
              victim != null;
              victim = listening.listener.accept()) {
            writeSomething(victim);
          }
        }
      }
      Flow.eventually(5_000, this::nothingIsQueued, "requests without end");
    } finally {
      reserved.close();
    }
  }

  @Test
  void firstSegmentIsDropped() throws Exception {
    try (ForgedPeer peer = ForgedPeer.client(listening.address())) {
      peer.hello();
      peer.firstSegment(1);
      peer.segment(0);
      peer.send(LinkMessages.number(LinkMessages.DROP_SEGMENT, 1));
      peer.expectEnd();
    }
  }

  /** What is answered while the link ends is pushed into one segment and counted in another. */
  @Test
  void clientGoesAlongWithItsRequests() throws Exception {
    try (Polling polling = new Polling()) {
      polling.start(false);
      for (int i = 0; i < 300; i++) {
        try (ForgedPeer peer = ForgedPeer.client(listening.address())) {
          peer.hello();
          peer.firstSegment(1);
          peer.segment(0);
          for (int slot = 0; slot < ForgedPeer.SLOTS; slot++) {
            peer.ask(slot, 1, 99); // to no permit that there is
          }
        }
      }
    }
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      SanConnection victim = listening.listener.accept();
      assertNotNull(victim, "no connection to " + peer.port(0));
      victim.close();
    }
  }

  private boolean nothingIsQueued() {
    try {
      SanConnection victim = listening.listener.accept();
      if (victim != null) {
        writeSomething(victim);
      }
      return victim == null;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void writeSomething(SanConnection victim) {
    try {
      victim.write(ByteBuffer.allocate(1));
      victim.read(ByteBuffer.allocate(1));
    } catch (IOException e) {
      // The forger is gone already.
      assertNotNull(e.getMessage());
    }
    victim.close();
  }

  /** How a client may introduce itself. */
  enum Greeting {
    SHORT_HELLO(p -> p.send(raw(LinkMessages.HELLO, 0, 0))),
    NO_HELLO(p -> p.send(LinkMessages.number(LinkMessages.ASK_PERMIT, 3))),
    HELLO_AGAIN(
        p -> {
          p.sayHello();
          p.send(LinkMessages.hello(ForgedPeer.id()));
        }),
    NO_DESCRIPTORS(board(p -> p.send(LinkMessages.board()))),
    NO_BELL(board(p -> p.send(LinkMessages.board(), p.boardFd))),
    MORE_DESCRIPTORS(
        board(p -> p.send(LinkMessages.board(), p.boardFd, p.bell, p.boardFd, p.boardFd))),
    BOARD_IS_A_BELL(board(p -> p.send(LinkMessages.board(), p.bell, p.bell))),
    BOARD_IS_NOT_SEALED(
        board(p -> p.send(LinkMessages.board(), unsealed(p, LinkLayout.BOARD_BYTES), p.bell))),
    BOARD_IS_SHORT(board(p -> p.send(LinkMessages.board(), half(p, 64), p.bell))),
    BELL_IS_A_BOARD(board(p -> p.send(LinkMessages.board(), p.boardFd, p.boardFd))),
    BELL_IS_A_SOCKET(board(p -> p.send(LinkMessages.board(), p.boardFd, p.socket))),
    NO_BOARD(board(p -> p.send(LinkMessages.number(LinkMessages.BELL, 3), p.bell)));

    private static Saying board(Saying instead) {
      return peer -> {
        peer.sayHello();
        instead.by(peer);
      };
    }

    private final Saying saying;

    Greeting(Saying saying) {
      this.saying = saying;
    }
  }

  /** The names are the same for all versions, so that each is told why it can't come in. */
  @ParameterizedTest
  @ValueSource(ints = {0, LinkLayout.WIRE_VERSION - 1, LinkLayout.WIRE_VERSION + 1, -1})
  void whoSpeaksAnotherVersionIsToldSo(int version) throws Exception {
    try (ForgedPeer peer = ForgedPeer.client(listening.address())) {
      ByteBuffer hello =
          ByteBuffer.allocate(LinkMessages.MAX_BYTES).put(LinkMessages.HELLO).putInt(version);
      peer.send(hello.put(ForgedPeer.id()).flip());
      assertEquals(Reason.WIRE_VERSION, LinkMessages.reason(peer.expect(LinkMessages.REJECT).body));
      peer.expectEnd();
    }
  }

  @ParameterizedTest
  @EnumSource
  void forgedGreeting(Greeting greeting) throws Exception {
    for (int i = 0; i < 10; i++) {
      try (ForgedPeer peer = ForgedPeer.client(listening.address())) {
        greeting.saying.by(peer);
        peer.expectEnd();
      }
    }
  }

  @Test
  void crowdThatSaysNothing() throws Exception {
    List<Integer> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 1500; i++) {
        int socket = UnixSocket.connect(TwinNames.of(listening.address()));
        if (socket >= 0) {
          silent.add(socket);
        } else {
          Thread.sleep(1);
        }
      }
      assertTrue(silent.size() > 1024);
      Flow.eventually(
          5_000, () -> Flow.descriptors() <= descriptors + silent.size() + 1024, "all in");
    } finally {
      silent.forEach(Posix::close);
    }
  }

  // -- A hostile server

  private ForgedPeer server(ServerSocket port, int[] name) throws Exception {
    InetSocketAddress address = (InetSocketAddress) port.getLocalSocketAddress();
    if (name[0] < 0) {
      name[0] = UnixSocket.listen(TwinNames.of(address), 10);
    }
    return ForgedPeer.server(name[0]);
  }

  /** How far a server gets before it goes wrong. */
  enum Stage {
    SILENT(p -> {}, Reason.TIMEOUT),
    CLOSES_AT_ONCE(ForgedPeer::close, Reason.PEER_GONE),
    REJECTS(p -> p.send(LinkMessages.reject(Reason.RULE)), Reason.RULE),
    SPEAKS_ANOTHER_VERSION(
        p -> p.send(LinkMessages.reject(Reason.WIRE_VERSION)), Reason.WIRE_VERSION),
    REJECTS_FOR_A_REASON_OF_THE_FUTURE(
        p -> p.send(ByteBuffer.allocate(5).put(LinkMessages.REJECT).putInt(1000).flip()),
        Reason.NO_TWIN),
    NO_WELCOME(p -> p.send(LinkMessages.number(LinkMessages.BELL, 0), p.bell), Reason.PEER_GONE),
    NO_BOARD(p -> p.send(LinkMessages.welcome(ForgedPeer.id())), Reason.PEER_GONE),
    NO_BELL(p -> p.send(LinkMessages.welcome(ForgedPeer.id()), p.boardFd), Reason.PEER_GONE),
    CLOSES_AFTER_WELCOME(
        p -> {
          p.welcome();
          p.close();
        },
        Reason.PEER_GONE),
    LEAVES_THE_SEGMENT_ASKED(ForgedPeer::welcome, Reason.TIMEOUT),
    REFUSES_THE_SEGMENT(
        p -> {
          p.welcome();
          int id = p.expect(LinkMessages.SEGMENT).body.getInt();
          p.send(LinkMessages.numbers(LinkMessages.SEGMENT_REFUSED, id, Reason.PORTS.onWire()));
        },
        Reason.PORTS),
    GRANTS_A_LOW_PORT(
        p -> {
          p.welcome();
          p.grant(80);
        },
        Reason.PEER_GONE),
    GRANTS_A_HIGH_PORT(
        p -> {
          p.welcome();
          p.grant(65_535);
        },
        Reason.PEER_GONE),
    GRANTS_WITHOUT_MEMORY(
        p -> {
          p.welcome();
          int id = p.expect(LinkMessages.SEGMENT).body.getInt();
          p.send(LinkMessages.numbers(LinkMessages.SEGMENT_READY, id, 20_000));
        },
        Reason.PEER_GONE),
    GRANTS_ANOTHER_SEGMENT(
        p -> {
          p.welcome();
          p.expect(LinkMessages.SEGMENT);
          p.send(LinkMessages.numbers(LinkMessages.SEGMENT_READY, 17, 20_000), half(p, 64));
        },
        Reason.PEER_GONE),
    CLOSES_WHEN_PERMITTED(
        p -> {
          p.welcome();
          p.grant(20_000);
          p.expect(LinkMessages.ASK_PERMIT);
          p.close();
        },
        Reason.PEER_GONE),
    HAS_NO_LISTENER(
        p -> {
          p.welcome();
          p.grant(20_000);
          int id = p.expect(LinkMessages.ASK_PERMIT).body.getInt();
          p.send(LinkMessages.numbers(LinkMessages.NOT_PERMITTED, id, Reason.NO_TWIN.onWire()));
        },
        Reason.NO_TWIN),
    REFUSES_WITHOUT_A_REASON(
        p -> {
          p.welcome();
          p.grant(20_000);
          int id = p.expect(LinkMessages.ASK_PERMIT).body.getInt();
          p.send(LinkMessages.number(LinkMessages.NOT_PERMITTED, id));
        },
        Reason.PEER_GONE),
    PERMITS_SOMETHING_ELSE(
        p -> {
          p.welcome();
          p.grant(20_000);
          p.expect(LinkMessages.ASK_PERMIT);
          p.send(LinkMessages.number(LinkMessages.PERMITTED, 99));
        },
        Reason.PEER_GONE),
    DETACHES_TWICE(
        p -> {
          p.serve();
          p.send(LinkMessages.number(LinkMessages.REVOKED, 1));
          p.send(LinkMessages.number(LinkMessages.REVOKED, 1));
        },
        Reason.PEER_GONE),
    GIVES_NO_VERDICT(ForgedPeer::serve, Reason.TIMEOUT),
    USES_TCP(p -> verdict(p, Request.USE_TCP), Reason.NO_PROVIDER),
    GIVES_AN_UNKNOWN_VERDICT(p -> verdict(p, 200), Reason.NO_TWIN);

    private final Saying saying;
    private final Reason reason;

    Stage(Saying saying, Reason reason) {
      this.saying = saying;
      this.reason = reason;
    }

    /** Returns the slot. */
    private static int verdict(ForgedPeer peer, int code) throws IOException {
      peer.serve();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
      for (int slot = 0; System.nanoTime() - end < 0; slot = (slot + 1) % ForgedPeer.SLOTS) {
        long state = Memory.getLongAcquire(peer.victimsSlot(slot) + LinkLayout.STATE);
        if ((state & LinkLayout.REQUESTED) != 0) {
          Memory.putLongRelease(
              peer.slot(slot) + LinkLayout.VERDICT,
              LinkLayout.verdict(LinkLayout.generation(state), code, 0));
          peer.push(slot);
          return slot;
        }
      }
      throw new AssertionError("no request");
    }
  }

  @ParameterizedTest
  @EnumSource
  void serverGoesWrong(Stage stage) throws Exception {
    int[] name = {-1};
    try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress address = (InetSocketAddress) port.getLocalSocketAddress();
      name[0] = UnixSocket.listen(TwinNames.of(address), 10);
      SanConnection victim = listening.through.connect(address, null);
      try (ForgedPeer peer = server(port, name);
          BellSeat seat = BellSeat.of(listening.through)) {
        Posix.close(name[0]);
        stage.saying.by(peer);
        assertNotEquals(0, seat.await(victim, NetworkEvent.CONNECT, 3_000), "no outcome");
        SanUnavailableException e =
            assertThrows(SanUnavailableException.class, victim::finishConnect);
        if (e.reason() != Reason.NO_TWIN || stage.reason != Reason.PEER_GONE) {
          // Whoever is gone may also have been looked up again already.
          assertEquals(stage.reason, e.reason());
        }
      }
      victim.close();
      SanListener next = listening.through.listen(address, 1, destination -> null);
      try {
        assertFoundAgain(address);
      } finally {
        next.close();
      }
    }
  }

  /** Whoever has the address next is found there, as soon as the other's death is heard of. */
  private void assertFoundAgain(InetSocketAddress address) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try {
        Listening.connect(listening.through, address, null).close();
        return;
      } catch (SanUnavailableException e) {
        assertTrue(System.nanoTime() - end < 0, () -> "not found again: " + e);
      }
    }
  }

  @Test
  void serverThatStopsBetweenItsTwoStores() throws Exception {
    int[] name = {-1};
    try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress address = (InetSocketAddress) port.getLocalSocketAddress();
      name[0] = UnixSocket.listen(TwinNames.of(address), 10);
      SanConnection victim = listening.through.connect(address, null);
      try (ForgedPeer peer = server(port, name);
          BellSeat seat = BellSeat.of(listening.through)) {
        Posix.close(name[0]);
        Stage.verdict(peer, Request.ADMITTED);
        assertNotEquals(0, seat.await(victim, NetworkEvent.CONNECT, 3_000), "no outcome");
        // Not TCP: the request may still be accepted.
        assertThrows(ConnectException.class, victim::finishConnect);
      }
      victim.close();
    }
  }

  @Test
  void serverThatConfirmsWhenTheConnectHasFailed() throws Exception {
    int[] name = {-1};
    try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress address = (InetSocketAddress) port.getLocalSocketAddress();
      name[0] = UnixSocket.listen(TwinNames.of(address), 10);
      SanConnection victim = listening.through.connect(address, null);
      try (ForgedPeer peer = server(port, name);
          BellSeat seat = BellSeat.of(listening.through)) {
        Posix.close(name[0]);
        int slot = Stage.verdict(peer, Request.ADMITTED);
        assertNotEquals(0, seat.await(victim, NetworkEvent.CONNECT, 3_000), "no outcome");
        long verdict = Memory.getLong(peer.slot(slot) + LinkLayout.VERDICT);
        int generation = LinkLayout.generation(verdict);
        Memory.putLongRelease(
            peer.slot(slot) + LinkLayout.VERDICT,
            LinkLayout.verdict(generation, Request.CONFIRMED, 0));
        peer.push(slot);
        Flow.eventually(
            5_000,
            () ->
                (Memory.getLongAcquire(peer.victimsSlot(slot) + LinkLayout.STATE)
                        & LinkLayout.RESET)
                    != 0,
            "the server's end is not reset");
        // Nor TCP now: the server's application may have accepted it.
        assertThrows(ConnectException.class, victim::finishConnect);
      }
      victim.close();
    }
  }
}
