package io.twinport.it.apps;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A server that reads, once it is told {@code go}, and never writes. Arguments: {@code host/port}.
 */
public final class SinkServer {
  private final Tally tally = new Tally();
  private final CountDownLatch go = new CountDownLatch(1);
  private final List<Thread> readers = new ArrayList<>();

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    SinkServer server = new SinkServer();
    InetSocketAddress address = Bindings.parse(arguments).get(0);
    ServerSocketChannel listener = ServerSocketChannel.open().bind(address);
    Thread accepting = new Thread(() -> server.accept(listener), "accept");
    accepting.start();
    int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    new Console()
        .on("stats", words -> server.tally.report())
        .on("go", words -> server.go())
        .serve(Bindings.report(List.of(port)));
    listener.close();
    accepting.join();
    server.go();
    for (Thread reader : server.readers) {
      reader.join();
    }
  }

  private String go() {
    go.countDown();
    return "";
  }

  private void accept(ServerSocketChannel listener) {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
        tally.accepted(remote);
        Thread reader = new Thread(() -> read(channel, remote), "read");
        reader.start();
        readers.add(reader);
      }
    } catch (AsynchronousCloseException e) {
      // The program is ending.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(SocketChannel channel, InetSocketAddress remote) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    long received = 0;
    boolean reset = false;
    try (channel) {
      go.await();
      for (int n = 0; n >= 0; n = channel.read(buffer.clear())) {
        received += n;
      }
    } catch (IOException e) {
      reset = true;
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts", e);
    }
    tally.ended(remote, received, reset);
  }
}
