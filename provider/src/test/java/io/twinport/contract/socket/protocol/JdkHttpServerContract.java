package io.twinport.contract.socket.protocol;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.twinport.contract.socket.SocketContract;
import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The JDK's HTTP server, whatever channels this JVM has installed, with clients over the transport:
 * it takes connections in and out of its selector and of blocking mode for each request.
 */
public abstract class JdkHttpServerContract extends SocketContract {
  private static final int LARGE = 16 << 20;

  private final ExecutorService executor =
      Executors.newCachedThreadPool(
          body -> {
            Thread thread = new Thread(body, "contract-http");
            thread.setDaemon(true);
            return thread;
          });

  protected JdkHttpServerContract(Transport transport) {
    super(transport);
  }

  @AfterEach
  void shutDown() {
    executor.shutdownNow();
  }

  private HttpServer start(InetAddress address, HttpHandler handler) throws IOException {
    return start(new InetSocketAddress(address, 0), handler);
  }

  private HttpServer start(InetSocketAddress address, HttpHandler handler) throws IOException {
    HttpServer server = HttpServer.create(address, 0);
    closing(() -> server.stop(0));
    server.setExecutor(executor);
    server.createContext("/", handler);
    server.start();
    return server;
  }

  private HttpServer start(HttpHandler handler) throws IOException {
    return start(Addresses.LOOPBACK4, handler);
  }

  /** Answers with what it is sent. */
  private static final HttpHandler ECHO =
      exchange -> {
        byte[] body = exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
      };

  private Socket connectedTo(HttpServer server) throws IOException {
    Socket socket = newSocket();
    socket.connect(new InetSocketAddress(Addresses.LOOPBACK4, server.getAddress().getPort()));
    return socket;
  }

  private static String post(int length) {
    return "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n";
  }

  /** Reads a response to its end, and returns its body. */
  private static String response(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    String head = HttpHeads.read(in);
    assertTrue(head.startsWith("HTTP/1.1 200 "), head);
    return new String(in.readNBytes(HttpHeads.contentLength(head)), US_ASCII);
  }

  private static void assertEchoes(Socket socket, String text) throws IOException {
    send(socket, post(text.length()) + text);
    assertEquals(text, response(socket));
  }

  /** The end of a connection, of whichever kind. */
  private static void assertEnds(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
    } catch (SocketException e) {
      assertEquals("Connection reset", e.getMessage());
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void serverOfTheWildcardKnowsItsPort() throws Exception {
    HttpServer server = start(Addresses.WILDCARD4, ECHO);
    assertTrue(server.getAddress().getPort() > 0);
    assertTrue(server.getAddress().getAddress().isAnyLocalAddress());
    assertEchoes(connectedTo(server), "hello");
  }

  @Test
  @Here(Here.End.LISTENER)
  void oneConnectionHasManyRequests() throws Exception {
    LinkedBlockingQueue<InetSocketAddress> clients = new LinkedBlockingQueue<>();
    HttpServer server =
        start(
            exchange -> {
              clients.add(exchange.getRemoteAddress());
              ECHO.handle(exchange);
            });
    Socket socket = connectedTo(server);
    for (int i = 0; i < 5; i++) {
      assertEchoes(socket, "request " + i);
      assertEquals(socket.getLocalSocketAddress(), clients.take());
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void requestMayComeByteByByte() throws Exception {
    Socket socket = connectedTo(start(ECHO));
    for (byte one : utf8(post(5) + "hello")) {
      socket.getOutputStream().write(one);
    }
    assertEquals("hello", response(socket));
    assertEchoes(socket, "again");
  }

  @Test
  @Here(Here.End.LISTENER)
  void bodyThatTheHandlerLeavesIsReadPast() throws Exception {
    HttpServer server =
        start(
            exchange -> {
              exchange.sendResponseHeaders(200, 2);
              exchange.getResponseBody().write(utf8("ok"));
              exchange.close();
            });
    Socket socket = connectedTo(server);
    for (int i = 0; i < 3; i++) {
      send(socket, post(50_000) + "x".repeat(50_000));
      assertEquals("ok", response(socket));
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void largeResponseWaitsForItsReader() throws Exception {
    byte[] body = Payload.random(1, LARGE);
    HttpServer server =
        start(
            exchange -> {
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
              exchange.close();
            });
    Socket socket = connectedTo(server);
    send(socket, post(0));
    InputStream in = socket.getInputStream();
    assertEquals(LARGE, HttpHeads.contentLength(HttpHeads.read(in)));
    assertEquals(Payload.hash(body), Payload.hash(in.readNBytes(LARGE)));
  }

  /** Answers with more than a connection takes; tells how that went. */
  private static HttpHandler flood(LinkedBlockingQueue<String> told) {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      try {
        byte[] more = new byte[1 << 20];
        while (true) {
          exchange.getResponseBody().write(more);
        }
      } catch (IOException e) {
        told.add("ended");
        throw e;
      }
    };
  }

  @Test
  @Here(Here.End.LISTENER)
  void clientThatGoesAwayEndsItsResponseOnly() throws Exception {
    LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
    HttpServer server = start(ECHO);
    server.createContext("/flood", flood(told));
    Socket other = connectedTo(server);
    assertEchoes(other, "before");
    Socket socket = connectedTo(server);
    send(socket, "GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n");
    socket.getInputStream().readNBytes(100);
    socket.close();
    assertEquals("ended", told.poll(15, TimeUnit.SECONDS));
    assertEchoes(other, "after");
    assertEchoes(connectedTo(server), "new");
  }

  @Test
  @Here(Here.End.LISTENER)
  void clientsThatGoAwayWithinTheirRequestDoNoHarm() throws Exception {
    HttpServer server = start(ECHO);
    for (boolean abort : new boolean[] {false, true}) {
      for (String part : new String[] {"", "PO", post(10), post(10) + "half"}) {
        Socket socket = connectedTo(server);
        send(socket, part);
        socket.setSoLinger(abort, 0);
        socket.close();
      }
    }
    assertEchoes(connectedTo(server), "still here");
  }

  @Test
  @Here(Here.End.LISTENER)
  void stopEndsIdleAndSilentConnections() throws Exception {
    HttpServer server = start(ECHO);
    Socket idle = connectedTo(server);
    assertEchoes(idle, "request");
    Socket silent = connectedTo(server);
    assertEchoes(connectedTo(server), "so the silent one was accepted");
    server.stop(0);
    assertEnds(idle);
    assertEnds(silent);
  }

  @Test
  @Here(Here.End.LISTENER)
  void stopEndsAnExchangeThatTakesTooLong() throws Exception {
    LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
    HttpServer server = start(flood(told));
    Socket socket = connectedTo(server);
    send(socket, post(0));
    socket.getInputStream().readNBytes(100);
    server.stop(0);
    assertEnds(socket);
    assertEquals("ended", told.poll(15, TimeUnit.SECONDS));
  }

  @Test
  @Here(Here.End.LISTENER)
  void stopWaitsForAnExchangeButTakesNoNewOnes() throws Exception {
    CountDownLatch handling = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    HttpServer server =
        start(
            exchange -> {
              handling.countDown();
              await(go);
              ECHO.handle(exchange);
            });
    Socket socket = connectedTo(server);
    send(socket, post(5) + "hello");
    handling.await();
    Background<Void> stopping =
        spawn(
            () -> {
              server.stop(10);
              return null;
            });
    awaitTrue("new clients are refused", () -> isRefused(server));
    assertFalse(stopping.isDone());
    go.countDown();
    assertEquals("hello", response(socket));
    stopping.join();
    assertEnds(socket);
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private boolean isRefused(HttpServer server) throws IOException {
    try (Socket socket = newSocket()) {
      socket.connect(server.getAddress());
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void stoppedServersPortIsServedAgainAtOnce() throws Exception {
    HttpServer first = start(ECHO);
    InetSocketAddress address = first.getAddress();
    for (int i = 0; i < 3; i++) {
      assertEchoes(connectedTo(first), "first");
      first.stop(0);
      assertTrue(isRefused(first));
      first = start(address, ECHO);
      assertEquals(address, first.getAddress());
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void addressInUseIsABindException() throws Exception {
    HttpServer server = start(ECHO);
    assertThrows(BindException.class, () -> HttpServer.create(server.getAddress(), 0));
    assertEchoes(connectedTo(server), "unharmed");
  }

  @Test
  @Here(Here.End.LISTENER)
  void responseWithoutALengthEndsWithTheConnection() throws Exception {
    HttpServer server =
        start(
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              exchange.getResponseBody().write(utf8("until the end"));
              exchange.close();
            });
    Socket socket = connectedTo(server);
    send(socket, "GET / HTTP/1.0\r\n\r\n");
    InputStream in = socket.getInputStream();
    HttpHeads.read(in);
    assertArrayEquals(utf8("until the end"), in.readAllBytes());
  }
}
