package io.twinport.contract.socket.protocol;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.socket.SocketContract;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.FullListener;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/**
 * Both HTTP clients of the JDK and its web sockets, over whatever sockets this JVM has installed,
 * with servers over the transport that end, abort, stall and answer early.
 */
public abstract class JdkHttpClientContract extends SocketContract {
  /** One for all tests: what one of them does to it is not to harm the next. */
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();

  private static final int LARGE = 8 << 20;

  protected JdkHttpClientContract(Transport transport) {
    super(transport);
  }

  /** Gets a page, as one of the clients does. */
  @FunctionalInterface
  private interface Getter {
    String get(URI page) throws Exception;
  }

  private static URI pageOf(ServerSocket server) {
    return pageAt((InetSocketAddress) server.getLocalSocketAddress());
  }

  private static URI pageAt(InetSocketAddress address) {
    return URI.create("http://127.0.0.1:" + address.getPort() + "/");
  }

  private static String getByClient(URI page) throws Exception {
    return CLIENT.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()).body();
  }

  private static HttpURLConnection connectionTo(URI page) throws IOException {
    return (HttpURLConnection) page.toURL().openConnection(Proxy.NO_PROXY);
  }

  private static String getByUrl(URI page) throws Exception {
    try (InputStream in = connectionTo(page).getInputStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static String readHead(Socket socket) throws IOException {
    return HttpHeads.read(socket.getInputStream());
  }

  private static String head(int length) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n";
  }

  private static void answer(Socket socket, String body) throws IOException {
    send(socket, head(body.length()) + body);
  }

  /** Whatever way the client has ended the connection, nothing hangs and no more comes. */
  private static void assertEnds(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
    } catch (SocketException e) {
      assertEquals("Connection reset", e.getMessage());
    }
  }

  private void assertReplacesConnection(Getter client, boolean abort) throws Exception {
    ServerSocket server = serve();
    Background<Socket> serving =
        spawn(
            () -> {
              Socket socket = acceptFrom(server);
              readHead(socket);
              answer(socket, "one");
              return socket;
            });
    assertEquals("one", client.get(pageOf(server)));
    Socket idle = serving.join();
    idle.setSoLinger(abort, 0);
    idle.close();
    Background<Void> again =
        spawn(
            () -> {
              Socket socket = acceptFrom(server);
              readHead(socket);
              answer(socket, "two");
              return null;
            });
    assertEquals("two", client.get(pageOf(server)));
    again.join();
  }

  @Test
  void idleConnectionThatEndsIsReplaced() throws Exception {
    assertReplacesConnection(JdkHttpClientContract::getByClient, false);
    assertReplacesConnection(JdkHttpClientContract::getByUrl, false);
  }

  @Test
  void idleConnectionThatIsAbortedIsReplaced() throws Exception {
    assertReplacesConnection(JdkHttpClientContract::getByClient, true);
    assertReplacesConnection(JdkHttpClientContract::getByUrl, true);
  }

  private void assertKeepsConnection(Getter client) throws Exception {
    ServerSocket server = serve();
    Background<Void> serving =
        spawn(
            () -> {
              Socket socket = acceptFrom(server);
              for (int i = 0; i < 5; i++) {
                readHead(socket);
                answer(socket, "page " + i);
              }
              return null;
            });
    for (int i = 0; i < 5; i++) {
      assertEquals("page " + i, client.get(pageOf(server)));
    }
    serving.join();
  }

  @Test
  void connectionIsKept() throws Exception {
    assertKeepsConnection(JdkHttpClientContract::getByClient);
    assertKeepsConnection(JdkHttpClientContract::getByUrl);
  }

  /** What has arrived already is skipped without waiting, as {@code available} tells. */
  @Test
  void connectionIsKeptWhenTheRestOfAPageIsNotRead() throws Exception {
    ServerSocket server = serve();
    CountDownLatch more = new CountDownLatch(1);
    int length = 20_000;
    Background<Void> serving =
        spawn(
            () -> {
              Socket socket = acceptFrom(server);
              readHead(socket);
              send(socket, head(length) + "x");
              more.await();
              send(socket, "y".repeat(length - 1));
              readHead(socket);
              answer(socket, "next");
              return null;
            });
    HttpURLConnection connection = connectionTo(pageOf(server));
    InputStream in = connection.getInputStream();
    assertEquals('x', in.read());
    more.countDown();
    awaitTrue("all has arrived", () -> in.available() == length - 1);
    in.close();
    assertEquals("next", getByUrl(pageOf(server)));
    serving.join();
  }

  @Test
  void connectTimesOut() throws Exception {
    FullListener full = fullListener();
    HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofMillis(100)).build();
    HttpRequest request = HttpRequest.newBuilder(pageAt(full.address())).build();
    assertThrows(
        HttpConnectTimeoutException.class, () -> client.send(request, BodyHandlers.discarding()));
    HttpURLConnection connection = connectionTo(pageAt(full.address()));
    connection.setConnectTimeout(50);
    assertThrows(SocketTimeoutException.class, connection::connect);
  }

  @Test
  void cancelledConnectLeavesTheClientUsable() throws Exception {
    FullListener full = fullListener();
    CompletableFuture<?> future =
        CLIENT.sendAsync(
            HttpRequest.newBuilder(pageAt(full.address())).build(), BodyHandlers.discarding());
    assertTrue(future.cancel(true));
    assertKeepsConnection(JdkHttpClientContract::getByClient);
  }

  @Test
  void refusalIsAConnectException() throws Exception {
    URI page = pageAt(abandonedPort());
    assertThrows(ConnectException.class, () -> getByClient(page));
    assertThrows(ConnectException.class, () -> getByUrl(page));
    assertKeepsConnection(JdkHttpClientContract::getByClient);
  }

  @Test
  void requestThatTimesOutEndsItsConnection() throws Exception {
    ServerSocket server = serve();
    HttpRequest request =
        HttpRequest.newBuilder(pageOf(server)).timeout(Duration.ofMillis(200)).build();
    Background<HttpResponse<Void>> getting =
        spawn(() -> CLIENT.send(request, BodyHandlers.discarding()));
    Socket socket = acceptFrom(server);
    assertInstanceOf(HttpTimeoutException.class, getting.joinAny());
    assertEnds(socket);
  }

  @Test
  void readTimesOut() throws Exception {
    ServerSocket server = serve();
    HttpURLConnection connection = connectionTo(pageOf(server));
    connection.setReadTimeout(50);
    connection.connect();
    Socket socket = acceptFrom(server);
    assertThrows(SocketTimeoutException.class, connection::getInputStream);
    assertEnds(socket);
  }

  /** What a client makes of a page of which the server has sent but a part. */
  private Throwable failureOfAPart(Getter client, boolean abort) throws Exception {
    ServerSocket server = serve();
    Background<String> getting = spawn(() -> client.get(pageOf(server)));
    Socket socket = acceptFrom(server);
    readHead(socket);
    send(socket, head(100) + "a part");
    socket.setSoLinger(abort, 0);
    socket.close();
    Throwable failure = getting.joinAny();
    assertInstanceOf(IOException.class, failure);
    Throwable cause = failure;
    while (cause.getCause() instanceof IOException next) {
      cause = next;
    }
    return cause;
  }

  @Test
  void endWithinAPageIsAnError() throws Exception {
    assertInstanceOf(EOFException.class, failureOfAPart(JdkHttpClientContract::getByClient, false));
  }

  @Test
  void abortWithinAPageIsAReset() throws Exception {
    assertEquals(
        "Connection reset", failureOfAPart(JdkHttpClientContract::getByClient, true).getMessage());
    assertEquals(
        "Connection reset", failureOfAPart(JdkHttpClientContract::getByUrl, true).getMessage());
  }

  /** The server answers and says that it is the end, and then reads on. */
  private void assertReadsEarlyAnswer(Getter client) throws Exception {
    ServerSocket server = serve();
    Background<Void> serving =
        spawn(
            () -> {
              Socket socket = acceptFrom(server);
              readHead(socket);
              send(
                  socket,
                  "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
              socket.shutdownOutput();
              assertEnds(socket);
              return null;
            });
    assertEquals("413", client.get(pageOf(server)));
    serving.join();
  }

  @Test
  void answerBeforeTheEndOfTheRequestIsRead() throws Exception {
    byte[] body = Payload.random(1, LARGE);
    assertReadsEarlyAnswer(
        page ->
            String.valueOf(
                CLIENT
                    .send(
                        HttpRequest.newBuilder(page).POST(BodyPublishers.ofByteArray(body)).build(),
                        BodyHandlers.discarding())
                    .statusCode()));
    assertReadsEarlyAnswer(
        page -> {
          HttpURLConnection connection = connectionTo(page);
          connection.setDoOutput(true);
          connection.setFixedLengthStreamingMode(body.length);
          connection.getOutputStream().write(body);
          return String.valueOf(connection.getResponseCode());
        });
  }

  @Test
  void closedResponseEndsItsConnection() throws Exception {
    ServerSocket server = serve();
    Background<Void> serving =
        spawn(
            () -> {
              Socket socket = acceptFrom(server);
              readHead(socket);
              send(socket, head(Integer.MAX_VALUE));
              byte[] more = new byte[1 << 16];
              assertThrows(
                  SocketException.class,
                  () -> {
                    while (true) {
                      socket.getOutputStream().write(more);
                    }
                  });
              return null;
            });
    HttpRequest request = HttpRequest.newBuilder(pageOf(server)).build();
    try (InputStream in = CLIENT.send(request, BodyHandlers.ofInputStream()).body()) {
      in.readNBytes(1 << 20);
    }
    serving.join();
  }

  /** A proxy that is the server itself, with TLS: tells what was asked for. */
  private Background<String> serveTlsBehindAProxy(ServerSocket server) {
    return spawn(
        () -> {
          Socket socket = acceptFrom(server);
          String asked = readHead(socket).split(" ", 3)[1];
          send(socket, "HTTP/1.1 200 OK\r\n\r\n");
          SSLSocket tls =
              closing(
                  (SSLSocket)
                      SocketTlsContract.context()
                          .getSocketFactory()
                          .createSocket(socket, null, true));
          readHead(tls);
          answer(tls, "secret");
          return asked;
        });
  }

  @Test
  void tlsGoesThroughAProxy() throws Exception {
    ServerSocket server = serve();
    InetSocketAddress proxy = (InetSocketAddress) server.getLocalSocketAddress();
    URI page = URI.create("https://localhost:4433/");
    SSLContext context = SocketTlsContract.context();

    Background<String> first = serveTlsBehindAProxy(server);
    HttpClient client =
        HttpClient.newBuilder().proxy(ProxySelector.of(proxy)).sslContext(context).build();
    HttpRequest request = HttpRequest.newBuilder(page).version(HttpClient.Version.HTTP_1_1).build();
    assertEquals("secret", client.send(request, BodyHandlers.ofString()).body());
    assertEquals("localhost:4433", first.join());

    Background<String> second = serveTlsBehindAProxy(server);
    HttpsURLConnection connection =
        (HttpsURLConnection) page.toURL().openConnection(new Proxy(Proxy.Type.HTTP, proxy));
    connection.setSSLSocketFactory(context.getSocketFactory());
    assertEquals("secret", new String(connection.getInputStream().readAllBytes(), US_ASCII));
    assertEquals("localhost:4433", second.join());
  }

  /** What a web socket is told, as text. */
  private static final class Told implements WebSocket.Listener {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      events.add("text " + data);
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      events.add("close " + status);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      events.add("error " + error.getMessage());
    }

    void assertNext(String event) throws InterruptedException {
      assertEquals(event, events.poll(15, TimeUnit.SECONDS));
    }
  }

  /** Both ends of a web socket, of which the server's is a socket of the transport. */
  private record Web(WebSocket near, Told told, Socket far) {}

  private Web connectWeb() throws Exception {
    ServerSocket server = serve();
    Told told = new Told();
    URI page = URI.create("ws://127.0.0.1:" + server.getLocalPort() + "/");
    CompletableFuture<WebSocket> building = CLIENT.newWebSocketBuilder().buildAsync(page, told);
    Socket far = acceptFrom(server);
    String key = HttpHeads.value(readHead(far), "Sec-WebSocket-Key");
    byte[] accept =
        MessageDigest.getInstance("SHA-1")
            .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(US_ASCII));
    send(
        far,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + Base64.getEncoder().encodeToString(accept)
            + "\r\n\r\n");
    return new Web(building.get(15, TimeUnit.SECONDS), told, far);
  }

  /** Reads a short frame of the client's; the first byte, and its bytes unmasked. */
  private static String readFrame(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    int first = in.read() & 0xf;
    int length = in.read() & 0x7f;
    byte[] mask = in.readNBytes(4);
    byte[] data = in.readNBytes(length);
    for (int i = 0; i < length; i++) {
      data[i] ^= mask[i % 4];
    }
    return first == 1 ? "text " + new String(data, UTF_8) : "frame " + first;
  }

  private static void sendText(Socket socket, String text) throws IOException {
    byte[] frame = new byte[2 + text.length()];
    frame[0] = (byte) 0x81;
    frame[1] = (byte) text.length();
    System.arraycopy(utf8(text), 0, frame, 2, text.length());
    socket.getOutputStream().write(frame);
  }

  private static void assertConverse(Web web) throws Exception {
    web.near.sendText("question", true).get(15, TimeUnit.SECONDS);
    assertEquals("text question", readFrame(web.far));
    sendText(web.far, "answer");
    web.told.assertNext("text answer");
  }

  @Test
  void webSocketClosesOneDirectionFirst() throws Exception {
    Web web = connectWeb();
    assertConverse(web);
    web.near.sendClose(WebSocket.NORMAL_CLOSURE, "").get(15, TimeUnit.SECONDS);
    assertEquals("frame 8", readFrame(web.far));
    sendText(web.far, "last words");
    web.told.assertNext("text last words");
    web.far.getOutputStream().write(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8});
    web.told.assertNext("close 1000");
    assertEnds(web.far);
  }

  @Test
  void abortedWebSocketIsTheEndForItsPeer() throws Exception {
    Web web = connectWeb();
    assertConverse(web);
    web.near.abort();
    assertEnds(web.far);
  }
}
