package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * An echo server: one thread, one selector, non-blocking channels. Arguments: {@code host/port …};
 * property {@code backlog}.
 */
public final class SelectorEchoServer {
  private static final class Conversation {
    final EchoConversation echo;

    /** What the client has not taken yet; nothing more is read before it has. */
    ByteBuffer pending;

    Conversation(EchoConversation echo) {
      this.echo = echo;
    }
  }

  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
  private final Tally tally = new Tally();
  private volatile boolean ending;

  private SelectorEchoServer(Selector selector) {
    this.selector = selector;
  }

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    try (Selector selector = Selector.open()) {
      SelectorEchoServer server = new SelectorEchoServer(selector);
      List<Integer> ports = new ArrayList<>();
      for (InetSocketAddress address : Bindings.parse(arguments)) {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(address, Integer.getInteger("backlog", 0));
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        ports.add(((InetSocketAddress) listener.getLocalAddress()).getPort());
      }
      Thread loop = new Thread(server::loop, "echo-loop");
      loop.start();
      new Console().on("stats", words -> server.tally.report()).serve(Bindings.report(ports));
      server.ending = true;
      selector.wakeup();
      loop.join();
    }
  }

  private void loop() {
    try {
      while (!ending) {
        selector.select();
        for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
          SelectionKey key = keys.next();
          keys.remove();
          handle(key);
        }
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void handle(SelectionKey key) throws IOException {
    if (key.channel() instanceof ServerSocketChannel listener) {
      accept(listener);
      return;
    }
    SocketChannel channel = (SocketChannel) key.channel();
    Conversation conversation = (Conversation) key.attachment();
    boolean reset = false;
    try {
      if (echo(key, channel, conversation)) {
        return;
      }
    } catch (CancelledKeyException e) {
      throw new IllegalStateException("nobody else cancels a key", e);
    } catch (IOException e) {
      reset = true;
    }
    channel.close();
    tally.ended(conversation.echo.remote(), conversation.echo.received(), reset);
  }

  private void accept(ServerSocketChannel listener) throws IOException {
    for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
      channel.configureBlocking(false);
      EchoConversation echo = new EchoConversation(channel.getRemoteAddress());
      tally.accepted(echo.remote());
      channel.register(selector, SelectionKey.OP_READ, new Conversation(echo));
    }
  }

  /** Returns false once the conversation is over. */
  private boolean echo(SelectionKey key, SocketChannel channel, Conversation conversation)
      throws IOException {
    ByteBuffer output = conversation.pending;
    if (output == null) {
      if (channel.read(buffer.clear()) < 0) {
        return false;
      }
      conversation.echo.turn(buffer);
      output = buffer;
    }
    channel.write(output);
    if (!output.hasRemaining()) {
      conversation.pending = null;
      key.interestOps(SelectionKey.OP_READ);
      return !conversation.echo.over();
    }
    if (conversation.pending == null) {
      conversation.pending = ByteBuffer.allocate(output.remaining()).put(output).flip();
      key.interestOps(SelectionKey.OP_WRITE);
    }
    return true;
  }
}
