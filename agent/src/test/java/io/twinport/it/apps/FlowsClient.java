package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Connections that read what a server writes without end, some of them slowly, and counts for each
 * of them. Argument: {@code selector} or {@code threads}, for the fast ones.
 */
public final class FlowsClient {
  private static final int BYTES_AT_ONCE = 16 << 10;
  private static final int SLOW_BYTES = 1 << 10;
  private static final int SLOW_PAUSE_MILLIS = 5;

  private final boolean selects;
  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<AtomicLong> fast = new ArrayList<>();
  private final List<AtomicLong> slow = new ArrayList<>();

  private FlowsClient(boolean selects) {
    this.selects = selects;
  }

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    FlowsClient client = new FlowsClient(arguments[0].equals("selector"));
    new Console().on("open", client::open).on("measure", client::measure).serve("");
    for (SocketChannel channel : client.channels) {
      channel.close();
    }
  }

  /** {@code open FAST SLOW HOST PORT}. */
  private String open(String... words) throws IOException {
    InetSocketAddress target = new InetSocketAddress(words[3], Integer.parseInt(words[4]));
    Selector selector = selects ? Selector.open() : null;
    for (int i = Integer.parseInt(words[1]); i > 0; i--) {
      AtomicLong count = new AtomicLong();
      fast.add(count);
      SocketChannel channel = connect(target);
      if (selects) {
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, count);
      } else {
        start(() -> readFast(channel, count));
      }
    }
    for (int i = Integer.parseInt(words[2]); i > 0; i--) {
      AtomicLong count = new AtomicLong();
      slow.add(count);
      SocketChannel channel = connect(target);
      start(() -> readSlowly(channel, count));
    }
    if (selects) {
      start(() -> select(selector));
    }
    return "open=" + channels.size();
  }

  private SocketChannel connect(InetSocketAddress target) throws IOException {
    SocketChannel channel = SocketChannel.open(target);
    channels.add(channel);
    return channel;
  }

  /**
   * {@code measure MILLIS}: what came in within that time, least and mean, of fast and of slow
   * flows.
   */
  private String measure(String... words) throws InterruptedException {
    List<AtomicLong> all = new ArrayList<>(fast);
    all.addAll(slow);
    List<Long> before = all.stream().map(AtomicLong::get).toList();
    Thread.sleep(Integer.parseInt(words[1]));
    List<Long> bytes = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      bytes.add(all.get(i).get() - before.get(i));
    }
    return report("fast", bytes.subList(0, fast.size()))
        + " "
        + report("slow", bytes.subList(fast.size(), bytes.size()));
  }

  private static String report(String name, List<Long> bytes) {
    long least = bytes.stream().mapToLong(Long::longValue).min().orElse(0);
    long all = bytes.stream().mapToLong(Long::longValue).sum();
    return name + "-least=" + least + " " + name + "-mean=" + all / bytes.size();
  }

  /** What a thread does until its channel is closed. */
  private interface Task {
    void run() throws IOException, InterruptedException;
  }

  private static void start(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException | InterruptedException e) {
                // The program ends, or the flow does not go on, which shows.
                return;
              }
            },
            "flow");
    thread.setDaemon(true);
    thread.start();
  }

  private static void readFast(SocketChannel channel, AtomicLong count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES_AT_ONCE);
    for (int n = channel.read(bytes); n >= 0; n = channel.read(bytes.clear())) {
      count.addAndGet(n);
    }
  }

  private static void readSlowly(SocketChannel channel, AtomicLong count)
      throws IOException, InterruptedException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(SLOW_BYTES);
    for (int n = channel.read(bytes); n >= 0; n = channel.read(bytes.clear())) {
      count.addAndGet(n);
      Thread.sleep(SLOW_PAUSE_MILLIS); // This is what makes it slow.
    }
  }

  private static void select(Selector selector) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES_AT_ONCE);
    while (true) {
      selector.select();
      for (SelectionKey key : selector.selectedKeys()) {
        int n = ((SocketChannel) key.channel()).read(bytes.clear());
        ((AtomicLong) key.attachment()).addAndGet(n);
      }
      selector.selectedKeys().clear();
    }
  }
}
