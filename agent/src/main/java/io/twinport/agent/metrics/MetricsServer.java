package io.twinport.agent.metrics;

import io.twinport.config.Log;
import io.twinport.jdk.Shim;
import io.twinport.registry.Registry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Serves the metrics over HTTP, on one thread and the JDK's own sockets: neither a module that may
 * be missing nor a thread for each client, and never over the SAN. A client that is slow or wants
 * too much is dropped, and so is the oldest when there are too many: nobody keeps the others away.
 */
final class MetricsServer {
  /** Where the metrics are. */
  static final String PATH = "/metrics";

  /** How many clients are served at a time. */
  static final int MOST_CLIENTS = 32;

  /** The longest request, with its header, in bytes. */
  static final int LONGEST_REQUEST = 8 << 10;

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long TEXT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What a client may send behind its request, in bytes. */
  private static final int MOST_DRAINED = 64 << 10;

  private static final int BACKLOG = 64;

  private final ServerSocketChannel listener;
  private final Selector selector;
  private final Registry registry;
  private final ArrayDeque<Client> clients = new ArrayDeque<>(); // The oldest first.
  private volatile boolean ending;

  /** What was told last, and when it was made. Of the one thread. */
  private String lastText;

  private long lastMade;

  private MetricsServer(ServerSocketChannel listener, Selector selector, Registry registry) {
    this.listener = listener;
    this.selector = selector;
    this.registry = registry;
  }

  /**
   * Listens.
   *
   * @throws IOException if that address can't be had
   */
  static MetricsServer listen(InetSocketAddress address, Registry registry) throws IOException {
    ServerSocketChannel listener = Shim.jdksProvider().openServerSocketChannel();
    try {
      listener.bind(address, BACKLOG);
      listener.configureBlocking(false);
      Selector selector = Shim.jdksProvider().openSelector();
      listener.register(selector, SelectionKey.OP_ACCEPT);
      return new MetricsServer(listener, selector, registry);
    } catch (IOException | RuntimeException | Error e) {
      listener.close();
      throw e;
    }
  }

  /** Where it listens, with the port that it has got. */
  InetSocketAddress address() throws IOException {
    return (InetSocketAddress) listener.getLocalAddress();
  }

  /** Ends {@link #run}. */
  void shutdown() {
    ending = true;
    selector.wakeup();
  }

  /** Serves until it is shut down; sleeps while nobody asks. */
  void run() throws IOException {
    try (listener;
        selector) {
      while (!ending) {
        try {
          serve();
        } catch (IOException | RuntimeException | Error e) {
          // No descriptor or no memory is left: accept would fail again at once.
          LockSupport.parkNanos(PAUSE_NANOS);
          tell(e);
        }
      }
      while (!clients.isEmpty()) {
        clients.peek().close();
      }
    }
  }

  private static void tell(Throwable cause) {
    try {
      Log.debug(() -> "the metrics can't be served: " + Log.cause(cause));
    } catch (Error e) {
      return; // There is no memory even for that: the next round is what counts.
    }
  }

  private void serve() throws IOException {
    Client oldest = clients.peek();
    selector.select(oldest == null ? 0 : Math.max(1, oldest.millisLeft()));
    for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
      SelectionKey key = keys.next();
      keys.remove();
      if (!key.isValid()) {
        continue; // Dropped for a newer one.
      }
      if (key.attachment() instanceof Client client) {
        client.goOn();
      } else {
        accept();
      }
    }
    while (!clients.isEmpty() && clients.peek().millisLeft() <= 0) {
      clients.peek().close();
    }
  }

  private void accept() throws IOException {
    SocketChannel channel = listener.accept();
    if (channel == null) {
      return;
    }
    if (clients.size() == MOST_CLIENTS) {
      leastWorthy().close();
    }
    try {
      channel.configureBlocking(false);
      Client client = new Client(channel);
      client.key = channel.register(selector, SelectionKey.OP_READ, client);
      clients.add(client);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /** The oldest that has not asked yet; the oldest if all have. */
  private Client leastWorthy() {
    for (Client client : clients) {
      if (client.answer == null) {
        return client;
      }
    }
    return clients.peek();
  }

  /** One request and its answer. */
  private final class Client {
    private final SocketChannel channel;
    private final long end = System.nanoTime() + PATIENCE.toNanos();
    private final ByteBuffer request = ByteBuffer.allocate(LONGEST_REQUEST);
    private SelectionKey key;
    private ByteBuffer answer; // Null until the request is there.
    private boolean answered;
    private int drained;

    Client(SocketChannel channel) {
      this.channel = channel;
    }

    long millisLeft() {
      return TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }

    void close() throws IOException {
      clients.remove(this);
      channel.close();
    }

    void goOn() throws IOException {
      try {
        if (answer == null) {
          read();
        } else if (!answered) {
          write();
        } else {
          drain();
        }
      } catch (IOException e) {
        close(); // It has gone away.
        Log.debug(() -> "a client of the metrics: " + Log.cause(e));
      } catch (RuntimeException | Error e) {
        close();
        throw e;
      }
    }

    private void read() throws IOException {
      if (channel.read(request) < 0) {
        close();
        return;
      }
      String text = new String(request.array(), 0, request.position(), StandardCharsets.ISO_8859_1);
      if (text.contains("\r\n\r\n") || text.contains("\n\n")) {
        answer = ByteBuffer.wrap(answerTo(text).getBytes(StandardCharsets.UTF_8));
      } else if (!request.hasRemaining()) {
        String tooLong = head("431 Request Header Fields Too Large", "text/plain", 0);
        answer = ByteBuffer.wrap(tooLong.getBytes(StandardCharsets.UTF_8));
      } else {
        return;
      }
      write();
    }

    private void write() throws IOException {
      channel.write(answer);
      if (answer.hasRemaining()) {
        key.interestOps(SelectionKey.OP_WRITE);
        return;
      }
      answered = true;
      channel.shutdownOutput();
      key.interestOps(SelectionKey.OP_READ);
    }

    /** What is closed with something unread resets the answer. */
    private void drain() throws IOException {
      int n = channel.read(request.clear());
      drained += n;
      if (n < 0 || drained > MOST_DRAINED) {
        close();
      }
    }
  }

  private String answerTo(String request) {
    String[] words = request.substring(0, request.indexOf('\n')).strip().split(" ", -1);
    if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
      return head("400 Bad Request", "text/plain", 0);
    }
    boolean whole = words[0].equals("GET");
    if (!whole && !words[0].equals("HEAD")) {
      return head("405 Method Not Allowed", "text/plain", 0);
    }
    int query = words[1].indexOf('?');
    String path = query < 0 ? words[1] : words[1].substring(0, query);
    if (!path.equals(PATH)) {
      return head("404 Not Found", "text/plain", 0);
    }
    String text = text();
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    return head("200 OK", OpenMetrics.TYPE, length) + (whole ? text : "");
  }

  /** Made anew once a second at the most: who asks all the time costs the application little. */
  private String text() {
    long now = System.nanoTime();
    if (lastText == null || now - lastMade >= TEXT_NANOS) {
      lastText = OpenMetrics.text(registry);
      lastMade = now;
    }
    return lastText;
  }

  private static String head(String status, String type, int length) {
    return "HTTP/1.1 "
        + status
        + "\r\nContent-Type: "
        + type
        + "\r\nContent-Length: "
        + length
        + "\r\nConnection: close\r\n\r\n";
  }
}
