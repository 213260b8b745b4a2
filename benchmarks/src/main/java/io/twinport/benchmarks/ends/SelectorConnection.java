package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/** A client whose thread waits in {@code select}, on a selector of its own. */
final class SelectorConnection implements Connection {
  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  // Once for all calls: nothing here may allocate.
  private final Consumer<SelectionKey> nothing = SelectorConnection::ignore;
  private int interest = SelectionKey.OP_READ;

  SelectorConnection(String address) throws IOException {
    channel = SocketChannel.open(Address.socketAddress(address));
    channel.configureBlocking(false);
    selector = Selector.open();
    key = channel.register(selector, interest);
  }

  @Override
  public void noDelay() throws IOException {
    ChannelConnection.noDelay(channel);
  }

  @Override
  public void write(ByteBuffer buffer) throws IOException {
    channel.write(buffer);
    while (buffer.hasRemaining()) {
      await(SelectionKey.OP_WRITE);
      channel.write(buffer);
    }
  }

  /** Asks the selector first, as a program with many connections does. */
  @Override
  public int read(ByteBuffer buffer) throws IOException {
    int n;
    do {
      await(SelectionKey.OP_READ);
      n = channel.read(buffer);
    } while (n == 0);
    return n;
  }

  private void await(int wanted) throws IOException {
    if (wanted != interest) {
      interest = wanted;
      key.interestOps(wanted);
    }
    selector.select(nothing);
  }

  private static void ignore(SelectionKey ready) {}

  @Override
  public void finish() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
