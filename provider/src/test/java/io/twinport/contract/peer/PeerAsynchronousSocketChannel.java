package io.twinport.contract.peer;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** An asynchronous channel of the other JVM, in that JVM's default group. */
final class PeerAsynchronousSocketChannel extends AsynchronousSocketChannel {
  private final Remote<AsynchronousSocketChannel> remote;

  PeerAsynchronousSocketChannel(
      AsynchronousChannelProvider provider, Remote<AsynchronousSocketChannel> remote) {
    super(provider);
    this.remote = remote;
  }

  @Override
  public AsynchronousSocketChannel bind(SocketAddress local) throws IOException {
    remote.call(channel -> channel.bind(local) != null);
    return this;
  }

  @Override
  public <T> AsynchronousSocketChannel setOption(SocketOption<T> option, T value)
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
  public AsynchronousSocketChannel shutdownInput() throws IOException {
    remote.call(channel -> channel.shutdownInput() != null);
    return this;
  }

  @Override
  public AsynchronousSocketChannel shutdownOutput() throws IOException {
    remote.call(channel -> channel.shutdownOutput() != null);
    return this;
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    return remote.call(AsynchronousSocketChannel::getRemoteAddress);
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    return remote.call(AsynchronousSocketChannel::getLocalAddress);
  }

  @Override
  public boolean isOpen() {
    return remote.ask(AsynchronousSocketChannel::isOpen);
  }

  @Override
  public void close() throws IOException {
    remote.run(AsynchronousChannel::close);
  }

  @Override
  public String toString() {
    return remote.ask(Object::toString);
  }

  // -- connect

  private Remote<Operation<Void>> beginConnect(SocketAddress target) {
    return Completions.begin(
        remote,
        channel -> {
          Operation<Void> operation = new Operation<>(null);
          channel.connect(target, null, operation);
          return operation;
        });
  }

  @Override
  public <A> void connect(
      SocketAddress target, A attachment, CompletionHandler<Void, ? super A> handler) {
    Objects.requireNonNull(handler);
    Completions.end(
        beginConnect(target), operation -> operation.call(Operation::result), attachment, handler);
  }

  @Override
  public Future<Void> connect(SocketAddress target) {
    return Completions.end(beginConnect(target), operation -> operation.call(Operation::result));
  }

  // -- read

  private Remote<Operation<Integer>> beginRead(int room, long timeout, TimeUnit unit) {
    return Completions.begin(
        remote,
        channel -> {
          byte[] target = new byte[room];
          Operation<Integer> operation = new Operation<>(target);
          channel.read(ByteBuffer.wrap(target), timeout, unit, null, operation);
          return operation;
        });
  }

  private static int endRead(Remote<Operation<Integer>> operation, ByteBuffer... targets)
      throws IOException {
    byte[] bytes = operation.call(Operation::bytes);
    return bytes == null ? -1 : Buffers.scatter(bytes, targets);
  }

  @Override
  public <A> void read(
      ByteBuffer target,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Integer, ? super A> handler) {
    Objects.requireNonNull(handler);
    Completions.end(
        beginRead(Buffers.room(target), timeout, unit),
        operation -> endRead(operation, target),
        attachment,
        handler);
  }

  @Override
  public Future<Integer> read(ByteBuffer target) {
    return Completions.end(
        beginRead(Buffers.room(target), 0, TimeUnit.MILLISECONDS),
        operation -> endRead(operation, target));
  }

  @Override
  public <A> void read(
      ByteBuffer[] targets,
      int offset,
      int length,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Long, ? super A> handler) {
    Objects.requireNonNull(handler);
    ByteBuffer[] range = Buffers.range(targets, offset, length);
    Completions.end(
        beginRead(Buffers.room(range), timeout, unit),
        operation -> (long) endRead(operation, range),
        attachment,
        handler);
  }

  // -- write

  private Remote<Operation<Integer>> beginWrite(
      long timeout, TimeUnit unit, ByteBuffer... sources) {
    byte[] bytes = Buffers.gather(sources);
    return Completions.begin(
        remote,
        channel -> {
          Operation<Integer> operation = new Operation<>(null);
          channel.write(ByteBuffer.wrap(bytes), timeout, unit, null, operation);
          return operation;
        });
  }

  private static int endWrite(Remote<Operation<Integer>> operation, ByteBuffer... sources)
      throws IOException {
    return Buffers.advance(operation.call(Operation::result), sources);
  }

  @Override
  public <A> void write(
      ByteBuffer source,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Integer, ? super A> handler) {
    Objects.requireNonNull(handler);
    Completions.end(
        beginWrite(timeout, unit, source),
        operation -> endWrite(operation, source),
        attachment,
        handler);
  }

  @Override
  public Future<Integer> write(ByteBuffer source) {
    return Completions.end(
        beginWrite(0, TimeUnit.MILLISECONDS, source), operation -> endWrite(operation, source));
  }

  @Override
  public <A> void write(
      ByteBuffer[] sources,
      int offset,
      int length,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Long, ? super A> handler) {
    Objects.requireNonNull(handler);
    ByteBuffer[] range = Buffers.range(sources, offset, length);
    Completions.end(
        beginWrite(timeout, unit, range),
        operation -> (long) endWrite(operation, range),
        attachment,
        handler);
  }
}
