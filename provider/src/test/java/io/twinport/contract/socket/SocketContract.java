package io.twinport.contract.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.PlatformSockets;
import io.twinport.contract.support.Threads;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.function.Executable;

/**
 * The base of the contract tests of {@code java.net}: sockets over the transport under test, and
 * the same ones of the JDK's to compare with where releases of the JDK differ.
 */
public abstract class SocketContract extends ContractTest {
  protected SocketContract(Transport transport) {
    super(transport);
  }

  /** Both ends of one connection. */
  public record Ends(Socket near, Socket far) {}

  /** A way to make the sockets that a scenario is played with. */
  protected interface Maker {
    Socket newSocket() throws IOException;

    ServerSocket newServerSocket() throws IOException;

    /** A server socket on the loopback address. */
    ServerSocket serve() throws IOException;

    /** Two connected ends, the near one being the transport's. */
    Ends connect() throws IOException;
  }

  /** A scenario, which tells what it saw as text. */
  @FunctionalInterface
  protected interface Scenario {
    String play(Maker sockets) throws Exception;
  }

  private final class MakerOf implements Maker {
    private final Callable<Socket> sockets;
    private final Callable<ServerSocket> servers;

    MakerOf(Callable<Socket> sockets, Callable<ServerSocket> servers) {
      this.sockets = sockets;
      this.servers = servers;
    }

    @Override
    public Socket newSocket() throws IOException {
      return closing(call(sockets));
    }

    @Override
    public ServerSocket newServerSocket() throws IOException {
      return closing(call(servers));
    }

    @Override
    public ServerSocket serve() throws IOException {
      ServerSocket server = newServerSocket();
      server.bind(transport.bindAddress());
      return server;
    }

    @Override
    public Ends connect() throws IOException {
      try (ServerSocket server = serve()) {
        Socket connecting = newSocket();
        connecting.connect(server.getLocalSocketAddress());
        Socket accepted = closing(server.accept());
        return transport.nearEndIsAccepted()
            ? new Ends(accepted, connecting)
            : new Ends(connecting, accepted);
      }
    }

    private static <T> T call(Callable<T> maker) throws IOException {
      try {
        return maker.call();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  private Maker ours() {
    return new MakerOf(transport::newSocket, transport::newServerSocket);
  }

  /**
   * Plays {@code scenario} with the JDK's sockets and with the transport's: what they tell must be
   * equal.
   *
   * @return what they told
   */
  protected final String assertAsTheJdks(Scenario scenario) throws Exception {
    PlatformSockets jdk = PlatformSockets.JDK;
    String expected = scenario.play(new MakerOf(jdk::newSocket, jdk::newServerSocket));
    assertEquals(expected, scenario.play(ours()));
    return expected;
  }

  protected final Socket newSocket() throws IOException {
    return ours().newSocket();
  }

  protected final ServerSocket newServerSocket() throws IOException {
    return ours().newServerSocket();
  }

  /** A server socket on the transport's own address. */
  protected final ServerSocket serve() throws IOException {
    return ours().serve();
  }

  protected final ServerSocket serveAt(InetAddress address) throws IOException {
    ServerSocket server = newServerSocket();
    server.bind(new InetSocketAddress(address, 0));
    return server;
  }

  protected final Socket connectedTo(ServerSocket server) throws IOException {
    Socket socket = newSocket();
    socket.connect(server.getLocalSocketAddress());
    return socket;
  }

  protected final Socket acceptFrom(ServerSocket server) throws IOException {
    return closing(server.accept());
  }

  protected final Ends connectedEnds() throws IOException {
    return ours().connect();
  }

  protected static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  protected static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(utf8(text));
  }

  protected static void assertReceives(String expected, Socket socket) throws IOException {
    int length = utf8(expected).length;
    assertEquals(expected, new String(socket.getInputStream().readNBytes(length), UTF_8));
  }

  protected static void assertAtEnd(Socket socket) throws IOException {
    assertEquals(-1, socket.getInputStream().read(), "end of stream");
  }

  /** Bytes flow both ways between the two. */
  protected static void assertConverse(Socket one, Socket other) throws IOException {
    send(one, "question");
    assertReceives("question", other);
    send(other, "answer");
    assertReceives("answer", one);
  }

  protected static void assertSocketException(String message, Executable call) {
    SocketException e = assertThrows(SocketException.class, call);
    assertEquals(SocketException.class, e.getClass());
    assertEquals(message, e.getMessage());
  }

  /** Starts {@code call} and waits until it blocks. */
  protected static <T> Background<T> blocked(Callable<T> call) throws InterruptedException {
    Background<T> background = spawn(call);
    background.awaitBlocked();
    return background;
  }

  protected static void assertSocketClosed(Background<?> call) throws InterruptedException {
    assertEquals("Socket closed", call.joinFailure(SocketException.class).getMessage());
  }

  /** A read that nothing arrives for, until the test sends something or ends it. */
  protected static Background<Integer> blockedRead(Socket socket) throws Exception {
    return blocked(() -> socket.getInputStream().read());
  }

  /** A write that its peer does not read. */
  protected static Background<Void> blockedWrite(Socket socket) throws Exception {
    byte[] more = new byte[32 << 20];
    return blocked(
        () -> {
          socket.getOutputStream().write(more);
          return null;
        });
  }

  /**
   * A port that nobody listens on, though a server socket did a moment ago; kept as {@link
   * #closedPort} is.
   */
  protected final InetSocketAddress abandonedPort() throws IOException {
    ServerSocket server = serve();
    InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
    server.close();
    return kept(address);
  }

  protected static <T> Background<T> blockedVirtual(Callable<T> call) throws InterruptedException {
    Background<T> background = Background.startVirtual(call);
    background.awaitBlocked();
    return background;
  }

  /** As text, for the JDKs differ: what a blocked call did about an interrupt. */
  protected static String interruptedOutcome(Background<?> call, Callable<Void> help)
      throws Exception {
    call.interrupt();
    if (!Threads.hasVirtual()) {
      help.call();
    }
    Throwable failure = call.joinAny();
    return failure + " interrupted " + call.interruptedAtEnd();
  }
}
