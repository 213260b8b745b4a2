package io.twinport.it.apps;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketImplFactory;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** What an application might put under its sockets: an implementation that stands on channels. */
final class ChannelSocketImpl extends SocketImpl {
  /** Says on standard output that it was used, the first time. */
  static final class Factory implements SocketImplFactory {
    private final String name;
    private boolean used;

    Factory(String name) {
      this.name = name;
    }

    @Override
    public synchronized SocketImpl createSocketImpl() {
      if (!used) {
        System.out.print("event factory=" + name + "\n");
        System.out.flush();
        used = true;
      }
      return new ChannelSocketImpl();
    }
  }

  private SocketChannel channel;
  private ServerSocketChannel listener;
  private InetSocketAddress bound;

  @Override
  protected void create(boolean stream) throws IOException {
    channel = SocketChannel.open();
  }

  @Override
  protected void connect(String host, int port) throws IOException {
    connect(new InetSocketAddress(host, port), 0);
  }

  @Override
  protected void connect(InetAddress host, int port) throws IOException {
    connect(new InetSocketAddress(host, port), 0);
  }

  @Override
  protected void connect(SocketAddress target, int millis) throws IOException {
    channel.connect(target);
    connected();
  }

  private void connected() throws IOException {
    InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
    address = remote.getAddress();
    port = remote.getPort();
    localport = ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }

  @Override
  protected void bind(InetAddress host, int port) {
    bound = new InetSocketAddress(host, port);
  }

  @Override
  protected void listen(int backlog) throws IOException {
    channel.close();
    listener = ServerSocketChannel.open().bind(bound, backlog);
    localport = ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  @Override
  protected void accept(SocketImpl accepted) throws IOException {
    ChannelSocketImpl target = (ChannelSocketImpl) accepted;
    if (target.channel != null) {
      target.channel.close();
    }
    try {
      target.channel = listener.accept();
    } catch (java.nio.channels.ClosedChannelException e) {
      throw (SocketException) new SocketException("Socket closed").initCause(e);
    }
    target.connected();
  }

  @Override
  protected InputStream getInputStream() {
    return Channels.newInputStream(channel);
  }

  @Override
  protected OutputStream getOutputStream() {
    return Channels.newOutputStream(channel);
  }

  @Override
  protected int available() {
    return 0;
  }

  @Override
  protected void close() throws IOException {
    if (listener != null) {
      listener.close();
    }
    if (channel != null) {
      channel.close();
    }
  }

  @Override
  protected void sendUrgentData(int data) throws IOException {
    throw new SocketException("no urgent data");
  }

  @Override
  public void setOption(int option, Object value) {
    // An implementation may leave options alone.
  }

  @Override
  public Object getOption(int option) {
    return option == SO_TIMEOUT || option == SO_LINGER ? (Object) 0 : false;
  }
}
