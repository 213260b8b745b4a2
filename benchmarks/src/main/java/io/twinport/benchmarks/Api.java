package io.twinport.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Which of the JDK's interfaces both ends use, always with calls that block. */
public enum Api {
  /** {@code SocketChannel} and {@code ServerSocketChannel} in blocking mode. */
  CHANNEL {
    @Override
    Listener listen() throws IOException {
      ServerSocketChannel listener = ServerSocketChannel.open();
      listener.bind(anyPort());
      return new ChannelListener(listener);
    }

    @Override
    Connection connect(InetSocketAddress address) throws IOException {
      return new ChannelConnection(SocketChannel.open(address));
    }

    @Override
    ByteBuffer allocate(int bytes) {
      return ByteBuffer.allocateDirect(bytes);
    }
  },
  /** {@code java.net.Socket} and {@code ServerSocket}, and their streams. */
  SOCKET {
    @Override
    Listener listen() throws IOException {
      ServerSocket listener = new ServerSocket();
      listener.bind(anyPort());
      return new SocketListener(listener);
    }

    @Override
    Connection connect(InetSocketAddress address) throws IOException {
      return new SocketConnection(new Socket(address.getAddress(), address.getPort()));
    }

    @Override
    ByteBuffer allocate(int bytes) {
      return ByteBuffer.allocate(bytes);
    }
  },
  /** Asynchronous channels, whose futures are waited for. */
  ASYNC {
    @Override
    Listener listen() throws IOException {
      AsynchronousServerSocketChannel listener = AsynchronousServerSocketChannel.open();
      listener.bind(anyPort());
      return new AsyncListener(listener);
    }

    @Override
    Connection connect(InetSocketAddress address) throws IOException {
      AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
      get(channel.connect(address));
      return new AsyncConnection(channel);
    }

    @Override
    ByteBuffer allocate(int bytes) {
      return ByteBuffer.allocateDirect(bytes);
    }
  };

  /** A listener of one thread. */
  interface Listener extends Closeable {
    int port() throws IOException;

    Connection accept() throws IOException;
  }

  /** One end of a connection, used by one thread. Its buffers come from {@link #allocate}. */
  interface Connection extends Closeable {
    void noDelay() throws IOException;

    /** Writes all that remains. */
    void write(ByteBuffer buffer) throws IOException;

    /** Returns how many bytes were read into what remains, at least one, or -1 at the end. */
    int read(ByteBuffer buffer) throws IOException;
  }

  /** Listens on a free port of the loopback address. */
  abstract Listener listen() throws IOException;

  abstract Connection connect(InetSocketAddress address) throws IOException;

  /** A buffer of the kind that suits this interface best. */
  abstract ByteBuffer allocate(int bytes);

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private record ChannelListener(ServerSocketChannel channel) implements Listener {
    @Override
    public int port() {
      return channel.socket().getLocalPort();
    }

    @Override
    public Connection accept() throws IOException {
      return new ChannelConnection(channel.accept());
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private record ChannelConnection(SocketChannel channel) implements Connection {
    @Override
    public void noDelay() throws IOException {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    @Override
    public void write(ByteBuffer buffer) throws IOException {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
      return channel.read(buffer);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private record SocketListener(ServerSocket socket) implements Listener {
    @Override
    public int port() {
      return socket.getLocalPort();
    }

    @Override
    public Connection accept() throws IOException {
      return new SocketConnection(socket.accept());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static final class SocketConnection implements Connection {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    SocketConnection(Socket socket) throws IOException {
      this.socket = socket;
      in = socket.getInputStream();
      out = socket.getOutputStream();
    }

    @Override
    public void noDelay() throws IOException {
      socket.setTcpNoDelay(true);
    }

    @Override
    public void write(ByteBuffer buffer) throws IOException {
      int offset = buffer.arrayOffset() + buffer.position();
      out.write(buffer.array(), offset, buffer.remaining());
      buffer.position(buffer.limit());
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
      int offset = buffer.arrayOffset() + buffer.position();
      int n = in.read(buffer.array(), offset, buffer.remaining());
      if (n > 0) {
        buffer.position(buffer.position() + n);
      }
      return n;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private record AsyncListener(AsynchronousServerSocketChannel channel) implements Listener {
    @Override
    public int port() throws IOException {
      return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    @Override
    public Connection accept() throws IOException {
      return new AsyncConnection(get(channel.accept()));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private record AsyncConnection(AsynchronousSocketChannel channel) implements Connection {
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
    public void close() throws IOException {
      channel.close();
    }
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
