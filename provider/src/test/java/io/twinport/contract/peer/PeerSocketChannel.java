package io.twinport.contract.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Arrays;
import java.util.Set;

/** A socket channel of the other JVM. It can't be registered with a selector of this one. */
final class PeerSocketChannel extends SocketChannel {
  private final Remote<SocketChannel> remote;

  PeerSocketChannel(SelectorProvider provider, Remote<SocketChannel> remote) {
    super(provider);
    this.remote = remote;
  }

  <R> R call(Call<SocketChannel, R> call) throws IOException {
    boolean done = false;
    try {
      R result = remote.call(call);
      done = true;
      return result;
    } finally {
      if (!done && !remote.call(Channel::isOpen)) {
        close(); // Some failures close a channel; this one is closed then, too.
      }
    }
  }

  @Override
  public SocketChannel bind(SocketAddress local) throws IOException {
    call(channel -> channel.bind(local) != null);
    return this;
  }

  @Override
  public <T> SocketChannel setOption(SocketOption<T> option, T value) throws IOException {
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
  public SocketChannel shutdownInput() throws IOException {
    call(channel -> channel.shutdownInput() != null);
    return this;
  }

  @Override
  public SocketChannel shutdownOutput() throws IOException {
    call(channel -> channel.shutdownOutput() != null);
    return this;
  }

  @Override
  public Socket socket() {
    try {
      return new PeerSocket(remote.find(SocketChannel::socket), this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean isConnected() {
    return remote.ask(SocketChannel::isConnected);
  }

  @Override
  public boolean isConnectionPending() {
    return remote.ask(SocketChannel::isConnectionPending);
  }

  @Override
  public boolean connect(SocketAddress target) throws IOException {
    return call(channel -> channel.connect(target));
  }

  @Override
  public boolean finishConnect() throws IOException {
    return call(SocketChannel::finishConnect);
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    return call(SocketChannel::getRemoteAddress);
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    return call(SocketChannel::getLocalAddress);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return (int) read(new ByteBuffer[] {target}, 0, 1);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    ByteBuffer[] range = Buffers.range(targets, offset, length);
    int room = Buffers.room(range);
    byte[] bytes = call(channel -> readAtMost(channel, room));
    return bytes == null ? -1 : Buffers.scatter(bytes, range);
  }

  /** Returns what one read brought, null at the end of the stream. */
  private static byte[] readAtMost(SocketChannel channel, int most) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(most);
    return channel.read(target) < 0 ? null : Arrays.copyOf(target.array(), target.position());
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return (int) write(new ByteBuffer[] {source}, 0, 1);
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    ByteBuffer[] range = Buffers.range(sources, offset, length);
    byte[] bytes = Buffers.gather(range);
    return Buffers.advance(call(channel -> channel.write(ByteBuffer.wrap(bytes))), range);
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    remote.run(Channel::close);
  }

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    call(channel -> channel.configureBlocking(block) != null);
  }

  @Override
  public String toString() {
    return remote.ask(SocketChannel::toString);
  }
}
