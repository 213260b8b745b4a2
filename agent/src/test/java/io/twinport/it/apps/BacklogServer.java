package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A listener with a backlog of its own that accepts only when told to, while a thread selects on
 * it. Arguments: {@code host/port backlog}.
 */
public final class BacklogServer {
  private final ServerSocketChannel listener;
  private final Selector selector;
  private final SelectionKey key;
  private final AtomicInteger wakes = new AtomicInteger();
  private final List<SocketChannel> accepted = new ArrayList<>();
  private volatile boolean ending;
  private volatile Path task;

  private BacklogServer(InetSocketAddress address, int backlog) throws IOException {
    listener = ServerSocketChannel.open().bind(address, backlog);
    listener.configureBlocking(false);
    selector = Selector.open();
    key = listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    InetSocketAddress address = Bindings.parse(arguments[0]).get(0);
    BacklogServer server = new BacklogServer(address, Integer.parseInt(arguments[1]));
    Thread loop = new Thread(server::loop, "select");
    loop.start();
    int port = ((InetSocketAddress) server.listener.getLocalAddress()).getPort();
    new Console()
        .on("wakes", words -> "wakes=" + server.wakes + " switches=" + server.switches())
        .on("accept", server::accept)
        .on("watch", server::watch)
        .on("drain", server::drain)
        .serve("ports=" + port);
    server.ending = true;
    server.selector.wakeup();
    loop.join();
    server.listener.close();
    server.selector.close();
  }

  private void loop() {
    try {
      // Resolved by this thread, and so the link names this thread.
      task = Path.of("/proc/thread-self").toRealPath();
      while (!ending) {
        if (selector.select() > 0) {
          selector.selectedKeys().clear();
          wakes.incrementAndGet();
          // Readiness is level-like: it would be reported for ever while nobody accepts.
          key.interestOps(0);
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** How often the selecting thread was switched out, that is, woke and went back to sleep. */
  private int switches() throws IOException {
    int switches = 0;
    for (String line : Files.readAllLines(task.resolve("status"))) {
      if (line.contains("ctxt_switches:")) {
        switches += Integer.parseInt(line.substring(line.indexOf('\t') + 1));
      }
    }
    return switches;
  }

  /** {@code accept}: takes everything up to COUNT connections. */
  private String accept(String... words) throws IOException {
    int count = 0;
    while (count < Integer.parseInt(words[1])) {
      SocketChannel channel = listener.accept();
      if (channel == null) {
        break;
      }
      accepted.add(channel);
      count++;
    }
    return "accepted=" + count;
  }

  /** {@code watch}: the selector looks for connections again. */
  private String watch(String... words) {
    key.interestOps(SelectionKey.OP_ACCEPT);
    selector.wakeup();
    return "";
  }

  /** {@code drain BYTES}: reads that many bytes from every accepted connection. */
  private String drain(String... words) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    long total = 0;
    for (SocketChannel channel : accepted) {
      for (long left = Long.parseLong(words[1]); left > 0; ) {
        int n = channel.read(buffer.clear().limit((int) Math.min(left, buffer.capacity())));
        if (n < 0) {
          return "drained=" + total + " ended=true";
        }
        left -= n;
        total += n;
      }
    }
    return "drained=" + total;
  }
}
