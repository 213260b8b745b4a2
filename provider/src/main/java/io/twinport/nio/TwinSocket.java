package io.twinport.nio;

import io.twinport.core.SocketAddresses;
import io.twinport.waiting.VirtualThreads;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import sun.nio.ch.SanAccess;

/** A socket that is a face of a channel, as the JDK's {@code socket()} gives one. */
final class TwinSocket extends Socket {
  private static final int UNRESOLVED_CLOSES = 24; // The first JDK that closes the socket.

  private final TwinSocketChannel channel;
  private volatile int timeout;

  static Socket of(TwinSocketChannel channel) {
    try {
      return new TwinSocket(channel);
    } catch (SocketException e) {
      throw new AssertionError(e); // The constructor declares it and does nothing.
    }
  }

  private TwinSocket(TwinSocketChannel channel) throws SocketException {
    super(SanAccess.noSocketImpl());
    this.channel = channel;
  }

  @Override
  public void connect(SocketAddress remote) throws IOException {
    connect(remote, 0);
  }

  @Override
  public void connect(SocketAddress remote, int millis) throws IOException {
    if (remote == null) {
      throw new IllegalArgumentException("connect: The address can't be null");
    }
    if (millis < 0) {
      throw new IllegalArgumentException("connect: timeout can't be negative");
    }
    try {
      if (remote instanceof InetSocketAddress inet && inet.isUnresolved()) {
        throw unresolved(inet);
      }
      channel.blockingConnect(
          remote, millis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(millis));
    } catch (IOException | RuntimeException e) {
      SanAccess.throwAsSocketException(e);
    }
  }

  /** The newer JDKs look at the state first, close the socket, and name the host. */
  private IOException unresolved(InetSocketAddress remote) throws IOException {
    if (Runtime.version().feature() < UNRESOLVED_CLOSES) {
      return new UnknownHostException();
    }
    if (!channel.isOpen()) {
      return new SocketException("Socket is closed");
    }
    if (channel.isConnected()) {
      return new SocketException("Already connected");
    }
    close();
    return new UnknownHostException(remote.toString());
  }

  @Override
  public void bind(SocketAddress local) throws IOException {
    try {
      channel.bind(local);
    } catch (IOException | RuntimeException e) {
      SanAccess.throwAsSocketException(e);
    }
  }

  @Override
  public InetAddress getInetAddress() {
    InetSocketAddress remote = channel.twin.remoteAddress();
    return remote == null ? null : remote.getAddress();
  }

  @Override
  public InetAddress getLocalAddress() {
    InetSocketAddress local = channel.isOpen() ? channel.twin.localAddress() : null;
    return local == null
        ? new InetSocketAddress(0).getAddress()
        : SocketAddresses.revealed(local).getAddress();
  }

  @Override
  public int getPort() {
    InetSocketAddress remote = channel.twin.remoteAddress();
    return remote == null ? 0 : remote.getPort();
  }

  @Override
  public int getLocalPort() {
    InetSocketAddress local = channel.twin.localAddress();
    return local == null ? -1 : local.getPort();
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return channel.twin.remoteAddress();
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return SocketAddresses.revealed(channel.twin.localAddress());
  }

  @Override
  public SocketChannel getChannel() {
    return channel;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    checkConnected();
    if (!channel.twin.reader.isOpen()) {
      throw new SocketException("Socket input is shutdown");
    }
    return new ChannelInputStream(channel, () -> timeout);
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    checkConnected();
    if (!channel.twin.writer.isOpen()) {
      throw new SocketException("Socket output is shutdown");
    }
    return new ChannelOutputStream(channel);
  }

  private void checkConnected() throws SocketException {
    if (!channel.isOpen()) {
      throw new SocketException("Socket is closed");
    }
    if (!channel.isConnected()) {
      throw new SocketException("Socket is not connected");
    }
  }

  private <T> void set(SocketOption<T> name, T value) throws SocketException {
    try {
      channel.setOption(name, value);
    } catch (IOException e) {
      throw asSocketException(e);
    }
  }

  private <T> T get(SocketOption<T> name) throws SocketException {
    try {
      return channel.getOption(name);
    } catch (IOException e) {
      throw asSocketException(e);
    }
  }

  /** As the JDK's adaptors tell a channel's exception to those who call a socket. */
  static SocketException asSocketException(IOException e) {
    if (e instanceof SocketException socketException) {
      return socketException;
    }
    SocketException translated =
        new SocketException(
            e instanceof ClosedChannelException ? "Socket is closed" : e.getMessage());
    translated.initCause(e);
    return translated;
  }

  @Override
  public void setTcpNoDelay(boolean on) throws SocketException {
    set(StandardSocketOptions.TCP_NODELAY, on);
  }

  @Override
  public boolean getTcpNoDelay() throws SocketException {
    return get(StandardSocketOptions.TCP_NODELAY);
  }

  @Override
  public void setSoLinger(boolean on, int linger) throws SocketException {
    set(StandardSocketOptions.SO_LINGER, on ? linger : -1);
  }

  @Override
  public int getSoLinger() throws SocketException {
    return get(StandardSocketOptions.SO_LINGER);
  }

  @Override
  public void sendUrgentData(int data) throws IOException {
    // The JDK's descriptor does not block where a virtual thread uses it.
    if (channel.twin.writer.sendUrgent((byte) data, !VirtualThreads.isCurrent()) == 0) {
      throw channel.isBlocking()
          ? new SocketException("No buffer space available")
          : new IOException("Socket buffer full");
    }
  }

  @Override
  public void setOOBInline(boolean on) throws SocketException {
    set(SanAccess.oobInline(), on);
  }

  @Override
  public boolean getOOBInline() throws SocketException {
    return get(SanAccess.oobInline());
  }

  @Override
  public void setSoTimeout(int millis) throws SocketException {
    if (!channel.isOpen()) {
      throw new SocketException("Socket is closed");
    }
    if (millis < 0) {
      throw new IllegalArgumentException("timeout < 0");
    }
    timeout = millis;
  }

  @Override
  public int getSoTimeout() throws SocketException {
    if (!channel.isOpen()) {
      throw new SocketException("Socket is closed");
    }
    return timeout;
  }

  @Override
  public void setSendBufferSize(int size) throws SocketException {
    if (size <= 0) {
      throw new IllegalArgumentException("Invalid send size");
    }
    set(StandardSocketOptions.SO_SNDBUF, size);
  }

  @Override
  public int getSendBufferSize() throws SocketException {
    return get(StandardSocketOptions.SO_SNDBUF);
  }

  @Override
  public void setReceiveBufferSize(int size) throws SocketException {
    if (size <= 0) {
      throw new IllegalArgumentException("Invalid receive size");
    }
    set(StandardSocketOptions.SO_RCVBUF, size);
  }

  @Override
  public int getReceiveBufferSize() throws SocketException {
    return get(StandardSocketOptions.SO_RCVBUF);
  }

  @Override
  public void setKeepAlive(boolean on) throws SocketException {
    set(StandardSocketOptions.SO_KEEPALIVE, on);
  }

  @Override
  public boolean getKeepAlive() throws SocketException {
    return get(StandardSocketOptions.SO_KEEPALIVE);
  }

  @Override
  public void setTrafficClass(int tc) throws SocketException {
    set(StandardSocketOptions.IP_TOS, tc);
  }

  @Override
  public int getTrafficClass() throws SocketException {
    return get(StandardSocketOptions.IP_TOS);
  }

  @Override
  public void setReuseAddress(boolean on) throws SocketException {
    set(StandardSocketOptions.SO_REUSEADDR, on);
  }

  @Override
  public boolean getReuseAddress() throws SocketException {
    return get(StandardSocketOptions.SO_REUSEADDR);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public void shutdownInput() throws IOException {
    try {
      channel.shutdownInput();
    } catch (IOException | RuntimeException e) {
      SanAccess.throwAsSocketException(e);
    }
  }

  @Override
  public void shutdownOutput() throws IOException {
    try {
      channel.shutdownOutput();
    } catch (IOException | RuntimeException e) {
      SanAccess.throwAsSocketException(e);
    }
  }

  @Override
  public String toString() {
    return channel.isConnected()
        ? "Socket[addr="
            + getInetAddress()
            + ",port="
            + getPort()
            + ",localport="
            + getLocalPort()
            + "]"
        : "Socket[unconnected]";
  }

  @Override
  public boolean isConnected() {
    return channel.isConnected();
  }

  @Override
  public boolean isBound() {
    return channel.twin.localAddress() != null;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public boolean isInputShutdown() {
    return !channel.twin.reader.isOpen();
  }

  @Override
  public boolean isOutputShutdown() {
    return !channel.twin.writer.isOpen();
  }

  @Override
  public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
    channel.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    return channel.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return channel.supportedOptions();
  }
}
