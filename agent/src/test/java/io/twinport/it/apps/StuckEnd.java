package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * One end of connections that come to a standstill, one kind or another. What blocks does so on
 * threads with names. Connections are named by their numbers. Arguments: {@code host/port backlog}.
 */
public final class StuckEnd {
  private static final int ENOUGH = 64 << 20;

  private final ServerSocketChannel listener;
  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Selector> selectors = new ArrayList<>();

  private StuckEnd(InetSocketAddress address, int backlog) throws IOException {
    listener = ServerSocketChannel.open().bind(address, backlog);
  }

  /** Runs the program. */
  public static void main(String[] arguments) throws Exception {
    InetSocketAddress address = Bindings.parse(arguments[0]).get(0);
    StuckEnd end = new StuckEnd(address, Integer.parseInt(arguments[1]));
    int port = ((InetSocketAddress) end.listener.getLocalAddress()).getPort();
    new Console()
        .on("accept", words -> end.add(end.listener.accept()))
        .on("accepting", words -> end.blocks("acceptor", () -> end.add(end.listener.accept())))
        .on("open", words -> end.add(SocketChannel.open(end.peer(words[1]))))
        .on("opening", end::opening)
        .on("write", end::write)
        .on("writing", words -> end.blocks("writer", () -> end.channel(words).write(room(ENOUGH))))
        .on("read", end::read)
        .on("reading", words -> end.blocks("reader", () -> end.channel(words).read(room(1))))
        .on("selecting", end::selecting)
        .on("end", end::shutdownOutput)
        .on("close", end::close)
        .serve("ports=" + port);
    end.listener.close();
    for (SocketChannel channel : end.channels) {
      channel.close();
    }
    for (Selector selector : end.selectors) {
      selector.close();
    }
    for (Thread thread : end.threads) {
      thread.join();
    }
  }

  private interface Call {
    Object run() throws IOException;
  }

  /** Runs it on a thread, which ends when its channel is closed. */
  private String blocks(String name, Call call) {
    Thread thread =
        new Thread(
            () -> {
              try {
                call.run();
              } catch (ClosedChannelException e) {
                // The program is ending, or was told to close it.
              } catch (IOException e) {
                System.err.println(name + ": " + e);
              }
            },
            name);
    thread.start();
    threads.add(thread);
    return "";
  }

  private static ByteBuffer room(int bytes) {
    return ByteBuffer.allocateDirect(bytes);
  }

  private InetSocketAddress peer(String port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
  }

  private synchronized String add(SocketChannel channel) throws IOException {
    channels.add(channel);
    int local = ((InetSocketAddress) channel.getLocalAddress()).getPort();
    return "number=" + (channels.size() - 1) + " local=" + local;
  }

  private synchronized SocketChannel channel(String... words) {
    return channels.get(Integer.parseInt(words[1]));
  }

  private String opening(String... words) throws IOException {
    SocketChannel channel = SocketChannel.open();
    synchronized (this) {
      channels.add(channel); // Closed at the end also if it never gets anywhere.
    }
    return blocks("connector", () -> channel.connect(peer(words[1])));
  }

  private String write(String... words) throws IOException {
    ByteBuffer bytes = room(Integer.parseInt(words[2]));
    while (bytes.hasRemaining()) {
      channel(words).write(bytes);
    }
    return "";
  }

  private String read(String... words) throws IOException {
    ByteBuffer bytes = room(Integer.parseInt(words[2]));
    while (bytes.hasRemaining() && channel(words).read(bytes) >= 0) {}
    return "";
  }

  private String selecting(String... words) throws IOException {
    Selector selector = Selector.open();
    selectors.add(selector);
    channel(words).configureBlocking(false);
    channel(words).register(selector, SelectionKey.OP_READ);
    return blocks("chooser", selector::select);
  }

  private String shutdownOutput(String... words) throws IOException {
    channel(words).shutdownOutput();
    return "";
  }

  private String close(String... words) throws IOException {
    channel(words).close();
    return "";
  }
}
