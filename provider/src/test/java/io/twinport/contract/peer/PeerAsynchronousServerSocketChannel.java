package io.twinport.contract.peer;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;

/** An asynchronous listener of the other JVM. What it accepts is there, too. */
final class PeerAsynchronousServerSocketChannel extends AsynchronousServerSocketChannel {
  private final Remote<AsynchronousServerSocketChannel> remote;

  PeerAsynchronousServerSocketChannel(
      AsynchronousChannelProvider provider, Remote<AsynchronousServerSocketChannel> remote) {
    super(provider);
    this.remote = remote;
  }

  @Override
  public AsynchronousServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
    remote.call(channel -> channel.bind(local, backlog) != null);
    return this;
  }

  @Override
  public <T> AsynchronousServerSocketChannel setOption(SocketOption<T> option, T value)
      throws IOException {
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
  public SocketAddress getLocalAddress() throws IOException {
    return remote.call(AsynchronousServerSocketChannel::getLocalAddress);
  }

  @Override
  public boolean isOpen() {
    return remote.ask(AsynchronousServerSocketChannel::isOpen);
  }

  @Override
  public void close() throws IOException {
    remote.run(AsynchronousChannel::close);
  }

  @Override
  public String toString() {
    return remote.ask(Object::toString);
  }

  private Remote<Operation<AsynchronousSocketChannel>> beginAccept() {
    return Completions.begin(
        remote,
        channel -> {
          Operation<AsynchronousSocketChannel> operation = new Operation<>(null);
          channel.accept(null, operation);
          return operation;
        });
  }

  private AsynchronousSocketChannel endAccept(
      Remote<Operation<AsynchronousSocketChannel>> operation) throws IOException {
    return new PeerAsynchronousSocketChannel(provider(), operation.find(Operation::result));
  }

  @Override
  public <A> void accept(
      A attachment, CompletionHandler<AsynchronousSocketChannel, ? super A> handler) {
    Objects.requireNonNull(handler);
    Completions.end(beginAccept(), this::endAccept, attachment, handler);
  }

  @Override
  public Future<AsynchronousSocketChannel> accept() {
    return Completions.end(beginAccept(), this::endAccept);
  }
}
