package io.twinport.it.apps;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** An echo client of non-blocking channels and one selector. */
public final class SelectorEchoClient {
  /** How many connects are under way at once. */
  private static final int WINDOW = 64;

  private static final class Flow {
    final RandomStream stream;
    final ByteBuffer output;

    Flow(RandomStream stream, int chunk) {
      this.stream = stream;
      output = ByteBuffer.allocate(chunk).limit(0);
    }
  }

  private final Selector selector;
  private final List<SelectionKey> keys = new ArrayList<>();
  private final ByteBuffer input = ByteBuffer.allocateDirect(64 * 1024);

  private SelectorEchoClient(Selector selector) {
    this.selector = selector;
  }

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    try (Selector selector = Selector.open()) {
      SelectorEchoClient client = new SelectorEchoClient(selector);
      new Console()
          .on("open", client::open)
          .on("echo", client::echo)
          .on("transfer", client::transfer)
          .on("locals", client::locals)
          .on("close", client::close)
          .serve("");
      client.close();
    }
  }

  /** {@code open COUNT HOST PORT}. */
  private String open(String... words) throws IOException {
    InetSocketAddress target = new InetSocketAddress(words[2], Integer.parseInt(words[3]));
    int missing = Integer.parseInt(words[1]);
    int pending = 0;
    long start = System.nanoTime();
    while (missing > 0 || pending > 0) {
      for (; missing > 0 && pending < WINDOW; missing--) {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        boolean done = channel.connect(target);
        keys.add(channel.register(selector, done ? 0 : SelectionKey.OP_CONNECT));
        pending += done ? 0 : 1;
      }
      if (pending > 0) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          if (!((SocketChannel) key.channel()).finishConnect()) {
            throw new IllegalStateException("OP_CONNECT came before the connect was over");
          }
          key.interestOps(0);
          pending--;
        }
        selector.selectedKeys().clear();
      }
    }
    return "open=" + keys.size() + " micros=" + (System.nanoTime() - start) / 1000;
  }

  /** {@code echo BYTES}: that many bytes out and back on every connection. */
  private String echo(String... words) throws IOException {
    return flow(Long.parseLong(words[1]) & ~7, 4096);
  }

  /** {@code transfer BYTES}: that many bytes in all, over all connections at once, out and back. */
  private String transfer(String... words) throws IOException {
    return flow((Long.parseLong(words[1]) / keys.size()) & ~7, 64 * 1024);
  }

  private String flow(long bytes, int chunk) throws IOException {
    long start = System.nanoTime();
    int running = 0;
    for (SelectionKey key : keys) {
      key.attach(new Flow(new RandomStream(System.nanoTime(), bytes), chunk));
      key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      running++;
    }
    int wrong = 0;
    while (running > 0) {
      selector.select();
      for (SelectionKey key : selector.selectedKeys()) {
        Flow flow = (Flow) key.attachment();
        if (key.isWritable()) {
          send(key, flow);
        }
        if (key.isReadable()) {
          receive(key, flow);
        }
        if (flow.stream.receivedAll()) {
          key.interestOps(0);
          wrong += flow.stream.equal() ? 0 : 1;
          running--;
        }
      }
      selector.selectedKeys().clear();
    }
    return "echoed="
        + keys.size()
        + " wrong="
        + wrong
        + " bytes="
        + bytes * keys.size()
        + " micros="
        + (System.nanoTime() - start) / 1000;
  }

  private static void send(SelectionKey key, Flow flow) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    if (!flow.output.hasRemaining()) {
      flow.stream.next(flow.output);
    }
    channel.write(flow.output);
    if (!flow.output.hasRemaining() && flow.stream.sentAll()) {
      key.interestOpsAnd(~SelectionKey.OP_WRITE);
    }
  }

  private void receive(SelectionKey key, Flow flow) throws IOException {
    if (((SocketChannel) key.channel()).read(input.clear()) < 0) {
      throw new EOFException("the server closed the connection");
    }
    flow.stream.took(input.flip());
  }

  /** {@code locals}: how many different local addresses the connections have. */
  private String locals(String... words) throws IOException {
    Set<Object> addresses = new HashSet<>();
    for (SelectionKey key : keys) {
      addresses.add(((SocketChannel) key.channel()).getLocalAddress());
    }
    return "different=" + addresses.size();
  }

  private String close(String... words) throws IOException {
    for (SelectionKey key : keys) {
      key.channel().close();
    }
    keys.clear();
    // The selector lets go of closed channels.
    selector.selectNow();
    return "open=0";
  }
}
