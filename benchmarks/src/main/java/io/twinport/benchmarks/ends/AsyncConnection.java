package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** An asynchronous channel whose futures are waited for. */
record AsyncConnection(AsynchronousSocketChannel channel) implements Connection {
  static Connection connect(String address) throws IOException {
    AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
    get(channel.connect(Address.socketAddress(address)));
    return new AsyncConnection(channel);
  }

  static Listener listen(String address) throws IOException {
    AsynchronousServerSocketChannel channel = AsynchronousServerSocketChannel.open();
    channel.bind(Address.socketAddress(address));
    return new Listener() {
      @Override
      public String address() throws IOException {
        return Address.of(channel.getLocalAddress());
      }

      @Override
      public Connection accept() throws IOException {
        return new AsyncConnection(get(channel.accept()));
      }
    };
  }

  @Override
  public void noDelay() throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  @Override
  public void write(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      get(channel.write(buffer));
    }
  }

  @Override
  public int read(ByteBuffer buffer) throws IOException {
    return get(channel.read(buffer));
  }

  @Override
  public void finish() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static <T> T get(Future<T> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }
}
