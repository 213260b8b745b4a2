package io.twinport.contract.peer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import java.util.Set;

/** A server socket of the other JVM. What it accepts is there, too. */
final class PeerServerSocket extends ServerSocket {
  private final Remote<ServerSocket> remote;
  private final ServerSocketChannel channel;

  /** {@code channel} is the one that the server socket belongs to, or null. */
  PeerServerSocket(Remote<ServerSocket> remote, ServerSocketChannel channel) throws IOException {
    this.remote = remote;
    this.channel = channel;
  }

  @Override
  public <T> ServerSocket setOption(SocketOption<T> option, T value) throws IOException {
    String name = option.name();
    remote.call(socket -> socket.setOption(Options.<T>named(name), value) != null);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> option) throws IOException {
    String name = option.name();
    return remote.call(socket -> socket.getOption(Options.<T>named(name)));
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return Options.allNamed(remote.ask(socket -> Options.names(socket.supportedOptions())));
  }

  @Override
  public ServerSocketChannel getChannel() {
    return channel;
  }

  @Override
  public Socket accept() throws IOException {
    return new PeerSocket(remote.find(ServerSocket::accept), null);
  }

  @Override
  public void bind(SocketAddress endpoint) throws IOException {
    remote.run(socket -> socket.bind(endpoint));
  }

  @Override
  public void bind(SocketAddress endpoint, int backlog) throws IOException {
    remote.run(socket -> socket.bind(endpoint, backlog));
  }

  @Override
  public InetAddress getInetAddress() {
    return remote.ask(socket -> socket.getInetAddress());
  }

  @Override
  public int getLocalPort() {
    return remote.ask(socket -> socket.getLocalPort());
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return remote.ask(socket -> socket.getLocalSocketAddress());
  }

  @Override
  public void close() throws IOException {
    remote.run(socket -> socket.close());
  }

  @Override
  public boolean isBound() {
    return remote.ask(socket -> socket.isBound());
  }

  @Override
  public boolean isClosed() {
    return remote.ask(socket -> socket.isClosed());
  }

  @Override
  public void setSoTimeout(int timeout) throws SocketException {
    remote.set(socket -> socket.setSoTimeout(timeout));
  }

  @Override
  public int getSoTimeout() throws IOException {
    return remote.call(socket -> socket.getSoTimeout());
  }

  @Override
  public void setReuseAddress(boolean on) throws SocketException {
    remote.set(socket -> socket.setReuseAddress(on));
  }

  @Override
  public boolean getReuseAddress() throws SocketException {
    return remote.get(socket -> socket.getReuseAddress());
  }

  @Override
  public void setReceiveBufferSize(int size) throws SocketException {
    remote.set(socket -> socket.setReceiveBufferSize(size));
  }

  @Override
  public int getReceiveBufferSize() throws SocketException {
    return remote.get(socket -> socket.getReceiveBufferSize());
  }

  @Override
  public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
    remote.ask(
        socket -> {
          socket.setPerformancePreferences(connectionTime, latency, bandwidth);
          return null;
        });
  }

  @Override
  public String toString() {
    return remote.ask(socket -> socket.toString());
  }
}
