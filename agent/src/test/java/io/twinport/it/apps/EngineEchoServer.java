package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** An echo server of channels with TLS by the {@link SSLEngine}. Argument: {@code host/port}. */
public final class EngineEchoServer {
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final Console console = new Console();
  private final SSLContext tls;

  private EngineEchoServer(SSLContext tls) {
    this.tls = tls;
  }

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    EngineEchoServer server = new EngineEchoServer(SSLContext.getDefault());
    ServerSocketChannel listener =
        ServerSocketChannel.open().bind(Bindings.parse(arguments).get(0));
    Thread loop = new Thread(() -> server.accept(listener), "accept");
    loop.start();
    int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    server.console.serve("ports=" + port);
    listener.close();
    loop.join();
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
        workers.execute(() -> converse(channel));
      }
    } catch (AsynchronousCloseException e) {
      // The program is ending.
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void converse(SocketChannel channel) {
    SSLEngine engine = tls.createSSLEngine();
    engine.setUseClientMode(false);
    ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    try (EngineChannel connection = new EngineChannel(channel, engine)) {
      while (connection.read(buffer.clear()) >= 0) {
        connection.write(buffer.flip());
      }
    } catch (AsynchronousCloseException e) {
      // The program is ending.
    } catch (IOException e) {
      console.event("failed " + e);
    }
    open.remove(channel);
  }
}
