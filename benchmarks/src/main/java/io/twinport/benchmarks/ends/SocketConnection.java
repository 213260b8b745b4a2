package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/** A socket of {@code java.net} and its streams. */
final class SocketConnection implements Connection {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private SocketConnection(Socket socket) throws IOException {
    this.socket = socket;
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  static Connection connect(String address) throws IOException {
    InetSocketAddress remote = (InetSocketAddress) Address.socketAddress(address);
    return new SocketConnection(new Socket(remote.getAddress(), remote.getPort()));
  }

  static Listener listen(String address) throws IOException {
    ServerSocket listener = new ServerSocket();
    listener.bind(Address.socketAddress(address));
    return new Listener() {
      @Override
      public String address() {
        return Address.of(listener.getLocalSocketAddress());
      }

      @Override
      public Connection accept() throws IOException {
        return new SocketConnection(listener.accept());
      }
    };
  }

  @Override
  public void noDelay() throws IOException {
    socket.setTcpNoDelay(true);
  }

  @Override
  public void write(ByteBuffer buffer) throws IOException {
    out.write(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
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
  public void finish() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
