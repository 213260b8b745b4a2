package io.twinport.it.apps;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A connection as a thread that blocks sees it: a channel's or a socket's. */
interface VirtualEnd extends Closeable {
  /** Reads eight bytes. */
  long read() throws IOException;

  /** Writes eight bytes. */
  void write(long value) throws IOException;

  /** Where such ends come from. */
  interface Source extends Closeable {
    VirtualEnd accept() throws IOException;

    int port() throws IOException;
  }

  /** A listener of a kind: {@code channel} or {@code socket}. */
  static Source listen(String kind, int backlog) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    if (kind.equals("socket")) {
      ServerSocket listener = new ServerSocket();
      listener.bind(any, backlog);
      return new Source() {
        @Override
        public VirtualEnd accept() throws IOException {
          return of(listener.accept());
        }

        @Override
        public int port() {
          return listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
          listener.close();
        }
      };
    }
    ServerSocketChannel listener = ServerSocketChannel.open().bind(any, backlog);
    return new Source() {
      @Override
      public VirtualEnd accept() throws IOException {
        return of(listener.accept());
      }

      @Override
      public int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
      }

      @Override
      public void close() throws IOException {
        listener.close();
      }
    };
  }

  static VirtualEnd connect(String kind, int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    if (kind.equals("socket")) {
      Socket socket = new Socket();
      socket.connect(address);
      return of(socket);
    }
    return of(SocketChannel.open(address));
  }

  private static VirtualEnd of(Socket socket) {
    return new VirtualEnd() {
      @Override
      public long read() throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(8);
        if (bytes.length < 8) {
          throw new IOException("end of stream");
        }
        return ByteBuffer.wrap(bytes).getLong();
      }

      @Override
      public void write(long value) throws IOException {
        socket.getOutputStream().write(ByteBuffer.allocate(8).putLong(value).array());
      }

      @Override
      public void close() throws IOException {
        socket.close();
      }
    };
  }

  private static VirtualEnd of(SocketChannel channel) {
    return new VirtualEnd() {
      @Override
      public long read() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8);
        while (bytes.hasRemaining()) {
          if (channel.read(bytes) < 0) {
            throw new IOException("end of stream");
          }
        }
        return bytes.flip().getLong();
      }

      @Override
      public void write(long value) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8).putLong(value).flip();
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
