package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Connections of the torture that one thread serves with a selector. */
final class TortureSelector {
  /** A connection, and what of it was not taken yet. */
  private static final class Conversation {
    final TortureEnd end;
    final SocketChannel channel;
    final ByteBuffer out = ByteBuffer.allocate(TorturePlan.MOST_CHUNK_BYTES).limit(0);
    boolean readAll;
    boolean writtenAll;

    Conversation(TortureEnd end, SocketChannel channel) {
      this.end = end;
      this.channel = channel;
    }
  }

  /** Something to be done by the thread of the selector. */
  private interface Task {
    void run() throws IOException;
  }

  private static final int LOOK_MILLIS = 50;

  private final TortureEnds ends;
  private final Selector selector;
  private final Queue<Task> tasks = new ConcurrentLinkedQueue<>();
  private final List<Conversation> conversations = new ArrayList<>(1 << 12);
  private final ByteBuffer in = ByteBuffer.allocate(TorturePlan.MOST_CHUNK_BYTES);
  private final Thread thread = new Thread(this::loop, "selector");

  TortureSelector(TortureEnds ends) throws IOException {
    this.ends = ends;
    selector = Selector.open();
    thread.setDaemon(true);
    thread.start();
  }

  /** Interrupts the thread, which is to make no difference. */
  void interrupt() {
    thread.interrupt();
  }

  void listen(ServerSocketChannel listener) throws IOException {
    listener.configureBlocking(false);
    submit(() -> listener.register(selector, SelectionKey.OP_ACCEPT));
  }

  void connect(TortureEnd end, InetSocketAddress target) {
    submit(
        () -> {
          SocketChannel channel = null;
          try {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            Conversation conversation = new Conversation(end, channel);
            end.setLine(closing(channel));
            boolean connected = channel.connect(target);
            int ops = connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT;
            channel.register(selector, connected ? ops | SelectionKey.OP_WRITE : ops, conversation);
            conversations.add(conversation);
          } catch (Throwable e) {
            end.connectFailed(e);
            if (channel != null) {
              TortureEnd.closeSurely(channel);
            }
            end.finish();
          }
        });
  }

  private void submit(Task task) {
    tasks.add(task);
    selector.wakeup();
  }

  /** Closes from whatever thread, and tells the one that might not notice. */
  private java.io.Closeable closing(SocketChannel channel) {
    return () -> {
      channel.close();
      selector.wakeup();
    };
  }

  private void loop() {
    while (true) {
      try {
        selector.select(LOOK_MILLIS);
        Thread.interrupted(); // Select returns at once as long as it is.
        for (Task task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.isValid()) {
            handle(key);
          }
        }
        selector.selectedKeys().clear();
        endClosed();
      } catch (Throwable e) {
        TortureEnds.pause(10); // No memory or no descriptors for now.
      }
    }
  }

  /** Those that were closed by others have no valid key to be told by. */
  private void endClosed() {
    for (int i = conversations.size() - 1; i >= 0; i--) {
      Conversation each = conversations.get(i);
      if (!each.channel.isOpen()) {
        each.end.readFailed(new ClosedChannelException());
        each.end.finish();
        conversations.remove(i);
      }
    }
  }

  private void handle(SelectionKey key) throws IOException {
    if (key.channel() instanceof ServerSocketChannel listener) {
      accept(listener);
      return;
    }
    Conversation at = (Conversation) key.attachment();
    if (key.isConnectable()) {
      try {
        at.channel.finishConnect();
        at.end.connected();
        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      } catch (Throwable e) {
        at.end.connectFailed(e);
        at.end.closeLine();
      }
      return;
    }
    try {
      if (key.isReadable()) {
        read(at);
      }
    } catch (Throwable e) {
      at.end.readFailed(e);
      at.end.closeLine();
    }
    try {
      if (at.channel.isOpen() && key.isWritable()) {
        write(at);
      }
      if (at.readAll && at.writtenAll) {
        at.end.closeLine();
        at.end.finish();
      }
      if (key.isValid()) {
        int reads = at.readAll ? 0 : SelectionKey.OP_READ;
        boolean writes = !at.writtenAll && at.end.plan() != null;
        key.interestOps(writes ? reads | SelectionKey.OP_WRITE : reads);
      }
    } catch (Throwable e) {
      at.end.writeFailed(e);
      at.end.closeLine();
    }
  }

  private void accept(ServerSocketChannel listener) throws IOException {
    for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
      try {
        TortureEnd end = new TortureEnd(ends, null, TortureApis.SELECTOR);
        Conversation conversation = new Conversation(end, channel);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, conversation);
        end.setLine(closing(channel));
        conversations.add(conversation);
        ends.add(end);
      } catch (Throwable e) {
        TortureEnd.closeSurely(channel);
      }
    }
  }

  private void read(Conversation at) throws IOException {
    if (at.channel.read(at.end.room(in)) < 0) {
      at.readAll = true;
      at.end.tookEnd();
      // Nobody can say what this server is to send.
      at.writtenAll |= at.end.plan() == null;
      return;
    }
    in.flip();
    if (in.hasRemaining()) {
      at.end.took(in);
    }
    if (at.end.isGarbage()) {
      throw new IOException("wrong bytes");
    }
  }

  private static void write(Conversation at) throws IOException {
    if (at.writtenAll || at.end.plan() == null) {
      return;
    }
    if (!at.out.hasRemaining() && !at.end.fill(at.out)) {
      end(at);
      return;
    }
    int bytes = at.channel.write(at.out);
    if (bytes > 0) {
      at.end.wrote(bytes);
    }
  }

  private static void end(Conversation at) throws IOException {
    at.writtenAll = true;
    switch (at.end.end()) {
      case FINISH -> {
        at.channel.shutdownOutput();
        at.end.shut();
      }
      case CLOSE -> at.end.closeLine();
      case RESET -> {
        at.channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        at.end.reset();
        at.end.closeLine();
      }
    }
  }
}
