package io.twinport.contract.socket.protocol;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.socket.SocketContract;
import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.security.KeyStore;
import java.util.HexFormat;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/** TLS layered over sockets that are connected already. */
public abstract class SocketTlsContract extends SocketContract {
  private static final char[] PASSWORD = "contract".toCharArray();

  protected SocketTlsContract(Transport transport) {
    super(transport);
  }

  /** Both ends of one connection, with TLS on top. */
  private record Secured(Ends ends, SSLSocket near, SSLSocket far) {}

  /** A context that trusts the one certificate of these tests, which is its own. */
  static SSLContext context() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = SocketTlsContract.class.getResourceAsStream("localhost.p12")) {
      store.load(in, PASSWORD);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private SSLSocket asClient(Socket socket, boolean autoClose) throws Exception {
    return closing(
        (SSLSocket)
            context()
                .getSocketFactory()
                .createSocket(socket, "localhost", socket.getPort(), autoClose));
  }

  /** A TLS server's end, to whom {@code consumed} has come already, if not null. */
  private SSLSocket asServer(Socket socket, InputStream consumed, boolean autoClose)
      throws Exception {
    return closing(
        (SSLSocket) context().getSocketFactory().createSocket(socket, consumed, autoClose));
  }

  /** The TLS client's handshake, which the server answers. */
  private static void shakeHands(SSLSocket client, SSLSocket server) throws Exception {
    Background<Void> accepting = handshake(server);
    client.startHandshake();
    accepting.join();
  }

  private static Background<Void> handshake(SSLSocket socket) {
    return spawn(
        () -> {
          socket.startHandshake();
          return null;
        });
  }

  private Secured secure(Ends ends, boolean autoClose) throws Exception {
    Secured tls =
        new Secured(ends, asClient(ends.near(), autoClose), asServer(ends.far(), null, autoClose));
    shakeHands(tls.near(), tls.far());
    return tls;
  }

  private Secured secured() throws Exception {
    return secure(connectedEnds(), true);
  }

  @Test
  void layeredSocketsConverse() throws Exception {
    Secured tls = secured();
    assertConverse(tls.near(), tls.far());
    assertEquals("TLSv1.3", tls.near().getSession().getProtocol());
  }

  @Test
  void megabytesPassBothWays() throws Exception {
    Secured tls = secured();
    byte[] there = Payload.random(1, 3_000_000);
    byte[] back = Payload.random(2, 2_000_000);
    Background<Void> one = sending(tls.near(), there);
    Background<Void> two = sending(tls.far(), back);
    Background<byte[]> far = spawn(() -> tls.far().getInputStream().readNBytes(there.length));
    assertEquals(
        Payload.hash(back), Payload.hash(tls.near().getInputStream().readNBytes(back.length)));
    assertEquals(Payload.hash(there), Payload.hash(far.join()));
    one.join();
    two.join();
  }

  private static Background<Void> sending(Socket socket, byte[] data) {
    return spawn(
        () -> {
          socket.getOutputStream().write(data);
          return null;
        });
  }

  @Test
  void clearTextComesBeforeTls() throws Exception {
    Ends ends = connectedEnds();
    send(ends.near(), "STARTTLS");
    assertReceives("STARTTLS", ends.far());
    Secured tls = secure(ends, true);
    assertConverse(tls.near(), tls.far());
  }

  @Test
  void closeIsTheEndForThePeer() throws Exception {
    Secured tls = secured();
    send(tls.near(), "bye");
    tls.near().close();
    assertReceives("bye", tls.far());
    assertAtEnd(tls.far());
    assertTrue(tls.ends().near().isClosed(), "the socket below is closed too");
  }

  @Test
  void socketBelowStaysOpenWhereAskedTo() throws Exception {
    Secured tls = secure(connectedEnds(), false);
    assertConverse(tls.near(), tls.far());
    Background<Integer> end = spawn(() -> tls.far().getInputStream().read());
    tls.near().close();
    assertEquals(-1, end.join());
    assertFalse(tls.ends().near().isClosed());
  }

  @Test
  void readTimesOutAndGoesOn() throws Exception {
    Secured tls = secured();
    tls.near().setSoTimeout(60);
    SocketTimeoutException e =
        assertThrows(SocketTimeoutException.class, () -> tls.near().getInputStream().read());
    assertEquals("Read timed out", e.getMessage());
    tls.near().setSoTimeout(0);
    assertConverse(tls.near(), tls.far());
  }

  @Test
  void closeEndsABlockedRead() throws Exception {
    Secured tls = secured();
    Background<String> reading =
        blocked(() -> Outcome.of(() -> tls.near().getInputStream().read()));
    tls.near().close();
    // The JDK's TLS tells either, depending on how far its close has come.
    assertTrue(
        Set.of("returns -1", "throws java.net.SocketException: Socket closed")
            .contains(reading.join()),
        reading.join());
  }

  @Test
  void abortOfThePeerIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Secured tls = secure(sockets.connect(), true);
          assertConverse(tls.near(), tls.far());
          tls.ends().far().setSoLinger(true, 0);
          tls.ends().far().close();
          return Outcome.of(() -> tls.near().getInputStream().read());
        });
  }

  @Test
  void endWithoutACloseNotifyIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Secured tls = secure(sockets.connect(), true);
          assertConverse(tls.near(), tls.far());
          tls.ends().far().shutdownOutput();
          return Outcome.of(() -> tls.near().getInputStream().read());
        });
  }

  @Test
  void layeredSocketHasTheAddressesAndOptionsOfTheOneBelow() throws Exception {
    Secured tls = secured();
    Socket below = tls.ends().near();
    assertEquals(below.getRemoteSocketAddress(), tls.near().getRemoteSocketAddress());
    assertEquals(below.getLocalPort(), tls.near().getLocalPort());
    tls.near().setTcpNoDelay(true);
    assertTrue(below.getTcpNoDelay());
  }

  @Test
  void serverThatHasReadTheHelloPutsItBack() throws Exception {
    Ends ends = connectedEnds();
    SSLSocket near = asClient(ends.near(), true);
    Background<Void> client = handshake(near);
    byte[] start = ends.far().getInputStream().readNBytes(60);
    SSLSocket far = asServer(ends.far(), new ByteArrayInputStream(start), true);
    far.startHandshake();
    client.join();
    assertConverse(near, far);
  }

  @Test
  void layeredOverSocketsOfChannels() throws Exception {
    Pair pair = connectedPair();
    Secured tls = secure(new Ends(pair.near().socket(), pair.far().socket()), true);
    assertConverse(tls.near(), tls.far());
    tls.near().setSoTimeout(30);
    assertThrows(SocketTimeoutException.class, () -> tls.near().getInputStream().read());
    tls.near().setSoTimeout(0);
    assertConverse(tls.near(), tls.far());
    tls.near().close();
    assertFalse(pair.near().isOpen());
    assertAtEnd(tls.far());
  }

  @Test
  void socketsOfTheFactoriesConnectLater() throws Exception {
    ServerSocket server = serve();
    SSLSocket near = closing((SSLSocket) context().getSocketFactory().createSocket());
    near.setSoTimeout(10_000);
    near.connect(server.getLocalSocketAddress(), 10_000);
    SSLSocket far = asServer(acceptFrom(server), null, true);
    shakeHands(near, far);
    assertConverse(near, far);
  }

  @Test
  void serverSocketOfTheFactoryAccepts() throws Exception {
    ServerSocket server =
        closing(context().getServerSocketFactory().createServerSocket(0, 5, Addresses.LOOPBACK4));
    Socket plain = newSocket();
    plain.connect(server.getLocalSocketAddress());
    SSLSocket near = asClient(plain, true);
    SSLSocket far = (SSLSocket) acceptFrom(server);
    shakeHands(near, far);
    assertConverse(near, far);
    far.close();
    assertAtEnd(near);
  }

  @Test
  void halfCloseLeavesTheOtherDirection() throws Exception {
    Secured tls = secured();
    send(tls.near(), "last words");
    tls.near().shutdownOutput();
    assertReceives("last words", tls.far());
    assertAtEnd(tls.far());
    send(tls.far(), "an answer");
    assertReceives("an answer", tls.near());
    tls.far().shutdownOutput();
    assertAtEnd(tls.near());
  }

  @Test
  void closeWithUnreadRecordsIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Secured tls = secure(sockets.connect(), true);
          assertConverse(tls.near(), tls.far());
          send(tls.far(), "nobody reads this");
          awaitTrue("arrived", () -> tls.ends().near().getInputStream().available() > 0);
          tls.near().close();
          return Outcome.of(() -> tls.far().getInputStream().read());
        });
  }

  @Test
  void lingeringCloseDeliversWhatWasWritten() throws Exception {
    Secured tls = secured();
    byte[] data = Payload.random(3, 200_000);
    Background<Void> sending =
        spawn(
            () -> {
              tls.near().setSoLinger(true, 10);
              tls.near().getOutputStream().write(data);
              tls.near().close();
              return null;
            });
    assertEquals(Payload.hash(data), Payload.hash(tls.far().getInputStream().readAllBytes()));
    sending.join();
  }

  /** The JDK's TLS waits for the writer unless a linger time is set. */
  @Test
  void closeThatDoesNotLingerEndsABlockedWrite() throws Exception {
    Secured tls = secured();
    Background<Void> writing = blockedWrite(tls.near());
    tls.near().setSoLinger(true, 0);
    tls.near().close();
    writing.joinFailure(SocketException.class);
    assertTrue(tls.ends().near().isClosed());
    // It has shut its output before it aborts; the peer may have seen either first.
    Outcome.of(() -> tls.far().getInputStream().readAllBytes());
  }

  @Test
  void closeOfTheSocketBelowEndsABlockedRead() throws Exception {
    Secured tls = secured();
    Background<Integer> reading = blockedRead(tls.near());
    tls.ends().near().close();
    assertSocketClosed(reading);
  }

  @Test
  void closeOfTheSocketBelowEndsABlockedHandshake() throws Exception {
    Ends ends = connectedEnds();
    Background<Void> client = handshake(asClient(ends.near(), true));
    client.awaitBlocked();
    ends.near().close();
    assertSocketClosed(client);
  }

  /** TLS shuts the input before it closes, so the reader is told of one or the other. */
  @Test
  void closeEndsABlockedHandshake() throws Exception {
    Ends ends = connectedEnds();
    SSLSocket near = asClient(ends.near(), true);
    Background<Void> client = handshake(near);
    client.awaitBlocked();
    near.close();
    String told = client.joinAny().toString();
    assertTrue(
        told.endsWith("SocketException: Socket closed")
            || told.endsWith("SSLHandshakeException: Remote host terminated the handshake"),
        told);
    assertTrue(ends.near().isClosed());
  }

  @Test
  void handshakeThatTimesOutIsAsTheJdks() throws Exception {
    String told =
        assertAsTheJdks(
            sockets -> {
              Ends ends = sockets.connect();
              SSLSocket near = asClient(ends.near(), true);
              near.setSoTimeout(60);
              String first = Outcome.ofAction(near::startHandshake);
              near.setSoTimeout(0);
              boolean closed = near.isClosed();
              if (!closed) {
                shakeHands(near, asServer(ends.far(), null, true));
              }
              return first + " closed " + closed;
            });
    assertTrue(told.contains("SocketTimeoutException"), told);
  }

  @Test
  void handshakesWithPeersThatEndOrAbortAreAsTheJdks() throws Exception {
    for (boolean abort : new boolean[] {false, true}) {
      assertAsTheJdks(
          sockets -> {
            Ends ends = sockets.connect();
            Background<Void> client = handshake(asClient(ends.near(), true));
            client.awaitBlocked();
            ends.far().getInputStream().readNBytes(5);
            if (abort) {
              ends.far().setSoLinger(true, 0);
              ends.far().close();
            } else {
              ends.far().shutdownOutput();
            }
            return client.joinAny() + " " + ends.near().isClosed();
          });
    }
  }

  @Test
  void clearTextToATlsServerIsToldAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          send(ends.near(), "GET / HTTP/1.1\r\n\r\n");
          Background<Void> server = handshake(asServer(ends.far(), null, true));
          String seen =
              Outcome.of(
                  () -> HexFormat.of().formatHex(ends.near().getInputStream().readAllBytes()));
          return server.joinAny() + " " + seen;
        });
  }

  @Test
  void interruptOfAVirtualThreadsReadIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Secured tls = secure(sockets.connect(), true);
          Background<Integer> reading = blockedVirtual(() -> tls.near().getInputStream().read());
          return interruptedOutcome(
              reading,
              () -> {
                send(tls.far(), "help");
                return null;
              });
        });
  }

  @Test
  void interruptDoesNotEndABlockedRead() throws Exception {
    Secured tls = secured();
    Background<Integer> reading = blockedRead(tls.near());
    reading.interrupt();
    send(tls.far(), "x");
    assertEquals('x', reading.join());
    assertTrue(reading.interruptedAtEnd());
  }

  @Test
  void readTimesOutWithinARecordAndGoesOn() throws Exception {
    Ends ends = connectedEnds();
    SSLSocket near = asClient(ends.near(), true);
    HeldBack below = new HeldBack(ends.far());
    SSLSocket far = asServer(below, null, true);
    shakeHands(near, far);
    assertConverse(near, far);
    below.hold();
    send(far, "in three parts");
    byte[] record = below.held();
    near.setSoTimeout(30);
    int sent = 0;
    for (int end : new int[] {3, 20, record.length}) {
      SocketTimeoutException e =
          assertThrows(SocketTimeoutException.class, () -> near.getInputStream().read());
      assertEquals("Read timed out", e.getMessage());
      ends.far().getOutputStream().write(record, sent, end - sent);
      sent = end;
    }
    near.setSoTimeout(0);
    assertReceives("in three parts", near);
  }

  /** A socket whose output can be held back. */
  private static final class HeldBack extends Socket {
    private final Socket below;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean holding;

    HeldBack(Socket below) throws IOException {
      super((SocketImpl) null);
      this.below = below;
    }

    void hold() {
      holding = true;
    }

    byte[] held() {
      return held.toByteArray();
    }

    @Override
    public boolean isConnected() {
      return true;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return below.getInputStream();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      OutputStream out = below.getOutputStream();
      return new OutputStream() {
        @Override
        public void write(int one) throws IOException {
          write(new byte[] {(byte) one});
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
          (holding ? held : out).write(source, offset, length);
        }
      };
    }

    @Override
    public void close() throws IOException {
      below.close();
    }
  }
}
