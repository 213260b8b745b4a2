package io.twinport.contract.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.util.Set;

/** A socket of the other JVM. */
final class PeerSocket extends Socket {
  private final Remote<Socket> remote;
  private final SocketChannel channel;

  /** {@code channel} is the one that the socket belongs to, or null. */
  PeerSocket(Remote<Socket> remote, SocketChannel channel) throws SocketException {
    super((SocketImpl) null);
    this.remote = remote;
    this.channel = channel;
  }

  @Override
  public <T> Socket setOption(SocketOption<T> option, T value) throws IOException {
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
  public SocketChannel getChannel() {
    return channel;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new PeerInputStream(remote.find(Socket::getInputStream));
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new PeerOutputStream(remote.find(Socket::getOutputStream));
  }

  private void connect(Action<Socket> action) throws IOException {
    try {
      remote.run(action);
    } catch (IOException e) {
      if (channel != null && isClosed()) {
        channel.close(); // A connect that fails may close its channel.
      }
      throw e;
    }
  }

  @Override
  public void connect(SocketAddress remoteAddress) throws IOException {
    connect(socket -> socket.connect(remoteAddress));
  }

  @Override
  public void connect(SocketAddress remoteAddress, int timeout) throws IOException {
    connect(socket -> socket.connect(remoteAddress, timeout));
  }

  @Override
  public void bind(SocketAddress localAddress) throws IOException {
    remote.run(socket -> socket.bind(localAddress));
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return remote.ask(socket -> socket.getRemoteSocketAddress());
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return remote.ask(socket -> socket.getLocalSocketAddress());
  }

  @Override
  public InetAddress getInetAddress() {
    return remote.ask(socket -> socket.getInetAddress());
  }

  @Override
  public InetAddress getLocalAddress() {
    return remote.ask(socket -> socket.getLocalAddress());
  }

  @Override
  public int getPort() {
    return remote.ask(socket -> socket.getPort());
  }

  @Override
  public int getLocalPort() {
    return remote.ask(socket -> socket.getLocalPort());
  }

  @Override
  public void setTcpNoDelay(boolean on) throws SocketException {
    remote.set(socket -> socket.setTcpNoDelay(on));
  }

  @Override
  public boolean getTcpNoDelay() throws SocketException {
    return remote.get(socket -> socket.getTcpNoDelay());
  }

  @Override
  public void setSoLinger(boolean on, int linger) throws SocketException {
    remote.set(socket -> socket.setSoLinger(on, linger));
  }

  @Override
  public int getSoLinger() throws SocketException {
    return remote.get(socket -> socket.getSoLinger());
  }

  @Override
  public void sendUrgentData(int data) throws IOException {
    remote.run(socket -> socket.sendUrgentData(data));
  }

  @Override
  public void setOOBInline(boolean on) throws SocketException {
    remote.set(socket -> socket.setOOBInline(on));
  }

  @Override
  public boolean getOOBInline() throws SocketException {
    return remote.get(socket -> socket.getOOBInline());
  }

  @Override
  public void setSoTimeout(int timeout) throws SocketException {
    remote.set(socket -> socket.setSoTimeout(timeout));
  }

  @Override
  public int getSoTimeout() throws SocketException {
    return remote.get(socket -> socket.getSoTimeout());
  }

  @Override
  public void setSendBufferSize(int size) throws SocketException {
    remote.set(socket -> socket.setSendBufferSize(size));
  }

  @Override
  public int getSendBufferSize() throws SocketException {
    return remote.get(socket -> socket.getSendBufferSize());
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
  public void setKeepAlive(boolean on) throws SocketException {
    remote.set(socket -> socket.setKeepAlive(on));
  }

  @Override
  public boolean getKeepAlive() throws SocketException {
    return remote.get(socket -> socket.getKeepAlive());
  }

  @Override
  public void setTrafficClass(int trafficClass) throws SocketException {
    remote.set(socket -> socket.setTrafficClass(trafficClass));
  }

  @Override
  public int getTrafficClass() throws SocketException {
    return remote.get(socket -> socket.getTrafficClass());
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
  public void close() throws IOException {
    remote.run(socket -> socket.close());
  }

  @Override
  public void shutdownInput() throws IOException {
    remote.run(socket -> socket.shutdownInput());
  }

  @Override
  public void shutdownOutput() throws IOException {
    remote.run(socket -> socket.shutdownOutput());
  }

  @Override
  public boolean isConnected() {
    return remote.ask(socket -> socket.isConnected());
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
  public boolean isInputShutdown() {
    return remote.ask(socket -> socket.isInputShutdown());
  }

  @Override
  public boolean isOutputShutdown() {
    return remote.ask(socket -> socket.isOutputShutdown());
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
