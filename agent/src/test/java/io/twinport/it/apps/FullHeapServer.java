package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An echo server of blocking channels that goes on when there is no memory, and can have its heap
 * full. Argument: {@code host/port}.
 */
public final class FullHeapServer {
  private static final int MOST_CONNECTIONS = 8;

  /** How often a read or a write has found no memory. */
  private static final AtomicInteger ERRORS = new AtomicInteger();

  private final ServerSocketChannel listener;
  private final ByteBuffer[] buffers = new ByteBuffer[MOST_CONNECTIONS];

  private FullHeapServer(ServerSocketChannel listener) {
    this.listener = listener;
  }

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      InetSocketAddress address = Bindings.parse(arguments).get(0);
      FullHeapServer server = new FullHeapServer(listener.bind(address));
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < MOST_CONNECTIONS; i++) {
        server.buffers[i] = ByteBuffer.allocateDirect(64 * 1024);
        ByteBuffer buffer = server.buffers[i];
        Thread thread = new Thread(() -> server.serve(buffer), "echo-" + i);
        thread.setDaemon(true);
        threads.add(thread);
      }
      threads.forEach(Thread::start);
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      new Console().on("fill", FullHeapServer::fill).serve(Bindings.report(List.of(port)));
    }
  }

  /** {@code fill MILLIS}: has the heap full for so long; what has failed for that. */
  private static String fill(String... words) {
    ERRORS.set(0);
    FullHeap.keep(Integer.parseInt(words[1]));
    return "errors=" + ERRORS;
  }

  /** One connection after the other. */
  private void serve(ByteBuffer buffer) {
    while (true) {
      try (SocketChannel channel = listener.accept()) {
        echo(channel, buffer);
      } catch (ClosedChannelException e) {
        return; // The program is ending.
      } catch (IOException e) {
        System.err.println("echo: " + e);
      }
    }
  }

  private static void echo(SocketChannel channel, ByteBuffer buffer) throws IOException {
    buffer.clear();
    while (true) {
      try {
        int read = channel.read(buffer);
        if (read < 0) {
          return;
        }
      } catch (OutOfMemoryError e) {
        // What has come stands in the buffer, or comes with the next read.
        ERRORS.incrementAndGet();
        continue;
      }
      buffer.flip();
      write(channel, buffer);
      buffer.clear();
    }
  }

  private static void write(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      try {
        channel.write(buffer);
      } catch (OutOfMemoryError e) {
        // The buffer says what has gone.
        ERRORS.incrementAndGet();
      }
    }
  }
}
