package io.twinport.agent.echo;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The two interfaces of the JDK in which a client that blocks may be written. */
enum Api {
  /** A {@code SocketChannel}. */
  CHANNEL {
    @Override
    Connection connect(InetSocketAddress server) throws IOException {
      return new OnChannel(SocketChannel.open(server));
    }

    @Override
    ByteBuffer allocate(int bytes) {
      return ByteBuffer.allocateDirect(bytes);
    }
  },
  /** A {@code java.net.Socket} and its streams. */
  SOCKET {
    @Override
    Connection connect(InetSocketAddress server) throws IOException {
      return new OnSocket(new Socket(server.getAddress(), server.getPort()));
    }

    @Override
    ByteBuffer allocate(int bytes) {
      return ByteBuffer.allocate(bytes);
    }
  };

  /** The client's end of a connection. Its buffers come from {@link #allocate}. */
  interface Connection extends Closeable {
    int localPort();

    /** Writes all that remains. */
    void write(ByteBuffer buffer) throws IOException;

    /** Returns how many bytes were read into what remains, or -1 at the end. */
    int read(ByteBuffer buffer) throws IOException;

    /** Has {@link #close} reset the connection. */
    void resetOnClose() throws IOException;
  }

  abstract Connection connect(InetSocketAddress server) throws IOException;

  /** A buffer of the kind that suits this interface best. */
  abstract ByteBuffer allocate(int bytes);

  private record OnChannel(SocketChannel channel) implements Connection {
    @Override
    public int localPort() {
      return channel.socket().getLocalPort();
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
    public void resetOnClose() throws IOException {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static final class OnSocket implements Connection {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    OnSocket(Socket socket) throws IOException {
      this.socket = socket;
      in = socket.getInputStream();
      out = socket.getOutputStream();
    }

    @Override
    public int localPort() {
      return socket.getLocalPort();
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
    public void resetOnClose() throws IOException {
      socket.setSoLinger(true, 0);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
