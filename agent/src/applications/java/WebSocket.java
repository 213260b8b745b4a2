import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.server.WebSocketServer;

/** Java-WebSocket's server and client. */
final class WebSocket {
  private static final int MESSAGES = 1000;

  private WebSocket() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, WebSocket::server, WebSocket::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    WebSocketServer server =
        new WebSocketServer(new InetSocketAddress("127.0.0.1", side.port())) {
          @Override
          public void onStart() {
            started.countDown();
          }

          @Override
          public void onOpen(org.java_websocket.WebSocket socket, ClientHandshake handshake) {}

          @Override
          public void onMessage(org.java_websocket.WebSocket socket, String message) {
            socket.send(message);
          }

          @Override
          public void onClose(
              org.java_websocket.WebSocket socket, int code, String reason, boolean remote) {}

          @Override
          public void onError(org.java_websocket.WebSocket socket, Exception e) {
            e.printStackTrace();
          }
        };
    server.start();
    started.await();
    return () -> server.stop(5000);
  }

  private static String client(Side side) throws Exception {
    BlockingQueue<String> messages = new ArrayBlockingQueue<>(MESSAGES);
    WebSocketClient client =
        new WebSocketClient(URI.create("ws://127.0.0.1:" + side.port())) {
          @Override
          public void onOpen(ServerHandshake handshake) {}

          @Override
          public void onMessage(String message) {
            messages.add(message);
          }

          @Override
          public void onClose(int code, String reason, boolean remote) {}

          @Override
          public void onError(Exception e) {
            e.printStackTrace();
          }
        };
    Side.check(client.connectBlocking(30, TimeUnit.SECONDS), "no connection");
    for (int i = 0; i < MESSAGES; i++) {
      client.send("message " + i);
    }
    for (int i = 0; i < MESSAGES; i++) {
      String message = messages.poll(30, TimeUnit.SECONDS);
      Side.check(("message " + i).equals(message), "message " + i + " is " + message);
    }
    client.closeBlocking();
    return MESSAGES + " messages";
  }
}
