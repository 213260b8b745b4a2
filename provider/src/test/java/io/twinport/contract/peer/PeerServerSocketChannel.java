package io.twinport.contract.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;

/** A listener of the other JVM. What it accepts is there, too. */
final class PeerServerSocketChannel extends ServerSocketChannel {
  private final Remote<ServerSocketChannel> remote;

  PeerServerSocketChannel(SelectorProvider provider, Remote<ServerSocketChannel> remote) {
    super(provider);
    this.remote = remote;
  }

  private void closeIfClosed() throws IOException {
    if (!remote.call(Channel::isOpen)) {
      close(); // Some failures close a channel; this one is closed then, too.
    }
  }

  @Override
  public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
    remote.call(channel -> channel.bind(local, backlog) != null);
    return this;
  }

  @Override
  public <T> ServerSocketChannel setOption(SocketOption<T> option, T value) throws IOException {
    Options.set(remote, option, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> option) throws IOException {
    return Options.get(remote, option);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return Options.supported(remote);
  }

  @Override
  public ServerSocket socket() {
    try {
      return new PeerServerSocket(remote.find(ServerSocketChannel::socket), this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public SocketChannel accept() throws IOException {
    boolean done = false;
    try {
      Remote<SocketChannel> accepted = remote.find(ServerSocketChannel::accept);
      done = true;
      return accepted == null ? null : new PeerSocketChannel(provider(), accepted);
    } finally {
      if (!done) {
        closeIfClosed();
      }
    }
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    return remote.call(ServerSocketChannel::getLocalAddress);
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    remote.run(Channel::close);
  }

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    remote.call(channel -> channel.configureBlocking(block) != null);
  }

  @Override
  public String toString() {
    return remote.ask(ServerSocketChannel::toString);
  }
}
