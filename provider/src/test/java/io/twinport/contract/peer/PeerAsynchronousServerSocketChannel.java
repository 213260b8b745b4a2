package io.twinport.contract.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
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
    String name = option.name();
    remote.call(channel -> channel.setOption(Options.<T>named(name), value) != null);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> option) throws IOException {
    String name = option.name();
    return remote.call(channel -> channel.getOption(Options.<T>named(name)));
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return Options.allNamed(ask(channel -> Options.names(channel.supportedOptions())));
  }

  private <R> R ask(Call<AsynchronousServerSocketChannel, R> question) {
    try {
      return remote.call(question);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    return remote.call(AsynchronousServerSocketChannel::getLocalAddress);
  }

  @Override
  public boolean isOpen() {
    return ask(AsynchronousServerSocketChannel::isOpen);
  }

  @Override
  public void close() throws IOException {
    remote.run(AsynchronousChannel::close);
  }

  @Override
  public String toString() {
    return ask(Object::toString);
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
