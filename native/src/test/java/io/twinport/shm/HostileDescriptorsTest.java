package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.host.Given;
import io.twinport.posix.Errno;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.LingeringSocket;
import io.twinport.posix.OldKernel;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Peers that send descriptors whose last close takes as long as they like. Nobody else is held up:
 * whoever connects and talks beside them does so in its time.
 */
@Tag("on-one-jdk")
@Timeout(120)
@SuppressWarnings("ImmutableEnumChecker") // The lambdas capture nothing.
class HostileDescriptorsTest {
  /** Far more than what others take, and far less than such a close. */
  private static final long MOST_MILLIS = 1000;

  /** Whether the kernel can keep descriptors off a socket. */
  enum Kernel {
    NEW,
    OLD
  }

  private final List<AutoCloseable> opened = new ArrayList<>();
  private ShmProvider provider;
  private Listening listening;
  private Listening.Pair honest;

  private void start(Kernel kernel) throws Exception {
    if (kernel == Kernel.OLD) {
      opened.add(OldKernel.pretend());
    } else {
      assumeTrue(refusesDescriptors(), "this kernel (before 6.16) keeps no descriptors off");
    }
    provider = new ShmProvider();
    provider.configure(Given.of(Map.of()));
    listening = Listening.open(provider, InetAddress.getLoopbackAddress(), 50);
    honest = listening.pair();
    Flow.assertEchoes(honest);
  }

  private static boolean refusesDescriptors() throws IOException {
    int[] pair = UnixSocket.pair();
    boolean refuses = UnixSocket.takesDescriptors(pair[0], false);
    Posix.close(pair[0]);
    Posix.close(pair[1]);
    return refuses;
  }

  @AfterEach
  void closeAll() throws Exception {
    if (honest != null) {
      honest.close();
    }
    if (listening != null) {
      listening.close();
    }
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private LingeringSocket lingering() throws IOException {
    LingeringSocket socket = new LingeringSocket();
    opened.add(socket);
    return socket;
  }

  private ForgedPeer attacker() throws IOException {
    ForgedPeer peer = ForgedPeer.client(listening.address());
    opened.add(peer);
    return peer;
  }

  /** Both who talk already and who connect now over the link that is there, in their time. */
  private void assertOthersAreServed() throws Exception {
    long begin = System.nanoTime();
    Flow.assertEchoes(honest);
    Listening.Pair next = listening.pair();
    Flow.assertEchoes(next);
    next.close();
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    assertTrue(millis < MOST_MILLIS, () -> millis + " ms");
  }

  /** Whoever has not been let in may send none, or it hurts nobody. */
  @ParameterizedTest
  @EnumSource
  void alongWithTheFirstWord(Kernel kernel) throws Exception {
    start(kernel);
    for (int i = 0; i < 3; i++) {
      ForgedPeer peer = attacker();
      LingeringSocket socket = lingering();
      if (kernel == Kernel.NEW) {
        ErrnoException e =
            assertThrows(
                ErrnoException.class,
                () -> peer.send(LinkMessages.hello(ForgedPeer.id()), socket.fd()));
        assertEquals(Errno.EPERM, e.errno());
      } else {
        peer.send(LinkMessages.hello(ForgedPeer.id()), socket.fd());
        socket.closeOwn();
        peer.expectEnd();
      }
      assertOthersAreServed();
    }
  }

  /** What a peer may send, and sends instead of what it should be. */
  enum Instead {
    BOARD(false, (p, fd) -> p.send(LinkMessages.board(), fd, p.bell)),
    BELL_0(false, (p, fd) -> p.send(LinkMessages.board(), p.boardFd, fd)),
    BELL(true, (p, fd) -> p.send(LinkMessages.number(LinkMessages.BELL, 3), fd)),
    SEGMENT(true, (p, fd) -> p.send(LinkMessages.numbers(LinkMessages.SEGMENT, 1, 64), fd)),
    DATA(true, (p, fd) -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 4096), fd)),
    WITH_WHAT_HAS_NONE(true, (p, fd) -> p.send(LinkMessages.number(LinkMessages.DROP_DATA, 1), fd)),
    TOO_MANY(
        true,
        (p, fd) -> p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 4096), p.boardFd, fd, fd, fd)),
    BEHIND_WHAT_ENDS_THE_LINK(
        true,
        (p, fd) -> {
          p.send(LinkMessages.number(LinkMessages.DROP_SEGMENT, 77));
          p.send(LinkMessages.numbers(LinkMessages.DATA, 1, 4096), fd);
        });

    private final boolean onLink;
    private final Sending sending;

    Instead(boolean onLink, Sending sending) {
      this.onLink = onLink;
      this.sending = sending;
    }
  }

  @FunctionalInterface
  private interface Sending {
    void by(ForgedPeer peer, int fd) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void insteadOfWhatIsDue(Instead instead) throws Exception {
    start(Kernel.NEW);
    ForgedPeer peer = attacker();
    if (instead.onLink) {
      peer.hello();
    } else {
      peer.sayHello();
    }
    LingeringSocket socket = lingering();
    try {
      instead.sending.by(peer, socket.fd());
    } catch (ErrnoException e) {
      assertTurnedAway(e); // The link has ended before.
    }
    socket.closeOwn();
    assertOthersAreServed();
    peer.expectEnd();
    assertOthersAreServed();
  }

  /** More of them than there are threads to close them: new clients go by TCP, at once. */
  @ParameterizedTest
  @EnumSource
  void moreThanCanBeClosed(Kernel kernel) throws Exception {
    start(kernel);
    // Sometimes it is the attacker whose close is the last.
    for (int i = 0; i < 50 && !isTurnedAway(); i++) {
      try {
        attack();
      } catch (ErrnoException e) {
        assertTurnedAway(e); // Just now.
      }
      TimeUnit.MILLISECONDS.sleep(20); // The last close is on its way.
    }
    Flow.eventually(10_000, this::isTurnedAway, "strangers are let in");
    assertOthersAreServed();
    // When it is over all is as before.
    for (AutoCloseable socket : opened) {
      if (socket instanceof LingeringSocket) {
        socket.close();
      }
    }
    Flow.eventually(20_000, this::isLetIn, "nobody is let in any more");
    assertOthersAreServed();
  }

  private static void assertTurnedAway(ErrnoException e) {
    assertTrue(
        List.of(Errno.EPIPE, Errno.ECONNRESET, Errno.EPERM).contains(e.errno()), e::getMessage);
  }

  private void attack() throws IOException {
    int socket = UnixSocket.connect(TwinNames.of(listening.address()));
    if (socket < 0) {
      return;
    }
    ForgedPeer peer = ForgedPeer.with(socket);
    opened.add(peer);
    peer.send(LinkMessages.hello(ForgedPeer.id()));
    if (peer.receive().type == LinkMessages.WELCOME) {
      LingeringSocket lingering = lingering();
      peer.send(LinkMessages.board(), lingering.fd(), peer.bell);
      lingering.closeOwn();
      peer.expectEnd();
    }
  }

  private boolean isTurnedAway() {
    return dial() == -Errno.ECONNREFUSED;
  }

  private boolean isLetIn() {
    return dial() >= 0;
  }

  private int dial() {
    try {
      int socket = UnixSocket.connect(TwinNames.of(listening.address()));
      if (socket >= 0) {
        Posix.close(socket);
      }
      return socket;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Many links that end at once are no attack: who comes next is let in. */
  @ParameterizedTest
  @EnumSource
  void manyLinksThatEndAtOnce(Kernel kernel) throws Exception {
    start(kernel);
    List<ForgedPeer> peers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      ForgedPeer peer = attacker();
      peer.hello();
      peers.add(peer);
    }
    peers.forEach(ForgedPeer::close);
    for (int i = 0; i < 200; i++) {
      int socket = dial();
      assertTrue(socket != -Errno.ECONNREFUSED, "turned away");
    }
    assertOthersAreServed();
  }

  /** As a server whose name a client dials. */
  @ParameterizedTest
  @EnumSource
  void insteadOfAWelcome(Kernel kernel) throws Exception {
    start(kernel);
    try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress address = (InetSocketAddress) port.getLocalSocketAddress();
      int name = UnixSocket.listen(TwinNames.of(address), 10);
      SanConnection victim = provider.connect(address, null);
      ForgedPeer server = ForgedPeer.server(name);
      opened.add(server);
      Posix.close(name);
      LingeringSocket socket = lingering();
      server.expect(LinkMessages.HELLO);
      server.send(LinkMessages.welcome(ForgedPeer.id()), socket.fd(), server.bell);
      socket.closeOwn();
      try (BellSeat seat = BellSeat.of(provider)) {
        assertTrue(seat.await(victim, NetworkEvent.CONNECT, 3_000) != 0, "no outcome");
      }
      SanUnavailableException e =
          assertThrows(SanUnavailableException.class, victim::finishConnect);
      // It may be told before the socket is closed only when its time is over.
      assertTrue(e.reason() == Reason.PEER_GONE || e.reason() == Reason.TIMEOUT, e::toString);
      victim.close();
      assertOthersAreServed();
    }
  }

  /** Whoever closes last is never the thread that lets clients in. */
  @ParameterizedTest
  @EnumSource
  void oneLiarAfterTheOther(Kernel kernel) throws Exception {
    start(kernel);
    for (int i = 0; i < 50; i++) {
      try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          BellSeat seat = BellSeat.of(provider)) {
        InetSocketAddress address = (InetSocketAddress) port.getLocalSocketAddress();
        int name = UnixSocket.listen(TwinNames.of(address), 10);
        SanConnection victim = provider.connect(address, null);
        try (ForgedPeer server = ForgedPeer.server(name);
            LingeringSocket socket = new LingeringSocket()) {
          server.expect(LinkMessages.HELLO);
          server.send(LinkMessages.welcome(ForgedPeer.id()), socket.fd(), server.bell);
          socket.closeOwn();
          server.expectEnd();
          long begin = System.nanoTime();
          try (ForgedPeer client = ForgedPeer.client(listening.address())) {
            client.hello();
          }
          long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
          assertTrue(millis < MOST_MILLIS, () -> millis + " ms");
        }
        assertTrue(seat.await(victim, NetworkEvent.CONNECT, 3_000) != 0, "no outcome");
        victim.close();
        Posix.close(name);
      }
    }
  }
}
