package io.twinport.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.KeyStore;
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
  private static SSLContext context() throws Exception {
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

  private Secured secure(Ends ends, boolean autoClose) throws Exception {
    SSLContext context = context();
    Socket client = ends.near();
    SSLSocket near =
        closing(
            (SSLSocket)
                context
                    .getSocketFactory()
                    .createSocket(client, "localhost", client.getPort(), autoClose));
    SSLSocket far =
        closing((SSLSocket) context.getSocketFactory().createSocket(ends.far(), null, autoClose));
    Background<Void> accepting =
        spawn(
            () -> {
              far.startHandshake();
              return null;
            });
    near.startHandshake();
    accepting.join();
    return new Secured(ends, near, far);
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
}
