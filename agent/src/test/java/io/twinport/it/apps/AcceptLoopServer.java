package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An echo server: a blocking accept loop for each address, which hands every connection to a worker
 * thread. Arguments: {@code host/port …}.
 */
public final class AcceptLoopServer {
  private final Tally tally = new Tally();
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService workers = Executors.newCachedThreadPool();

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    AcceptLoopServer server = new AcceptLoopServer();
    List<Integer> ports = new ArrayList<>();
    List<ServerSocketChannel> listeners = new ArrayList<>();
    List<Thread> loops = new ArrayList<>();
    for (InetSocketAddress address : Bindings.parse(arguments)) {
      ServerSocketChannel listener = ServerSocketChannel.open().bind(address);
      listeners.add(listener);
      ports.add(((InetSocketAddress) listener.getLocalAddress()).getPort());
      Thread loop = new Thread(() -> server.accept(listener), "accept-" + address);
      loop.start();
      loops.add(loop);
    }
    new Console().on("stats", words -> server.tally.report()).serve(Bindings.report(ports));
    for (ServerSocketChannel listener : listeners) {
      listener.close();
    }
    for (Thread loop : loops) {
      loop.join();
    }
    for (SocketChannel channel : server.open) {
      channel.close();
    }
    server.workers.shutdown();
  }

  private void accept(ServerSocketChannel listener) {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        open.add(channel);
        EchoConversation echo = new EchoConversation(channel.getRemoteAddress());
        tally.accepted(echo.remote());
        workers.execute(() -> converse(channel, echo));
      }
    } catch (AsynchronousCloseException e) {
      // The program is ending.
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void converse(SocketChannel channel, EchoConversation echo) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    boolean reset = false;
    try (channel) {
      while (!echo.over() && channel.read(buffer.clear()) >= 0) {
        echo.turn(buffer);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    } catch (IOException e) {
      reset = true;
    }
    open.remove(channel);
    tally.ended(echo.remote(), echo.received(), reset);
  }
}
