package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An echo server of asynchronous channels and completion handlers. Arguments: {@code host/port …}.
 */
public final class AsyncEchoServer {
  private final Tally tally = new Tally();
  private final Set<AsynchronousSocketChannel> open = ConcurrentHashMap.newKeySet();
  private final Console console = new Console();

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    AsyncEchoServer server = new AsyncEchoServer();
    List<Integer> ports = new ArrayList<>();
    List<AsynchronousServerSocketChannel> listeners = new ArrayList<>();
    for (InetSocketAddress address : Bindings.parse(arguments)) {
      AsynchronousServerSocketChannel listener =
          AsynchronousServerSocketChannel.open().bind(address);
      listeners.add(listener);
      ports.add(((InetSocketAddress) listener.getLocalAddress()).getPort());
      server.accept(listener);
    }
    server.console.on("stats", words -> server.tally.report()).serve(Bindings.report(ports));
    for (AsynchronousServerSocketChannel listener : listeners) {
      listener.close();
    }
    for (AsynchronousSocketChannel channel : server.open) {
      channel.close();
    }
  }

  private void accept(AsynchronousServerSocketChannel listener) {
    listener.accept(
        null,
        new CompletionHandler<AsynchronousSocketChannel, Void>() {
          @Override
          public void completed(AsynchronousSocketChannel channel, Void attachment) {
            open.add(channel);
            try {
              new Conversation(channel).read();
            } catch (IOException e) {
              failed(e, null);
            }
            accept(listener);
          }

          @Override
          public void failed(Throwable cause, Void attachment) {
            if (!(cause instanceof AsynchronousCloseException)) {
              console.event("failed " + cause);
            }
          }
        });
  }

  private final class Conversation implements CompletionHandler<Integer, Boolean> {
    private final AsynchronousSocketChannel channel;
    private final EchoConversation echo;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);

    Conversation(AsynchronousSocketChannel channel) throws IOException {
      this.channel = channel;
      echo = new EchoConversation(channel.getRemoteAddress());
      tally.accepted(echo.remote());
    }

    void read() {
      channel.read(buffer.clear(), true, this);
    }

    @Override
    public void completed(Integer length, Boolean reading) {
      if (length < 0) {
        end(false);
      } else if (reading) {
        echo.turn(buffer);
        channel.write(buffer, false, this);
      } else if (buffer.hasRemaining()) {
        channel.write(buffer, false, this);
      } else if (echo.over()) {
        end(false);
      } else {
        read();
      }
    }

    @Override
    public void failed(Throwable cause, Boolean reading) {
      end(true);
    }

    private void end(boolean reset) {
      try {
        channel.close();
      } catch (IOException e) {
        console.event("failed " + e);
      }
      open.remove(channel);
      tally.ended(echo.remote(), echo.received(), reset);
    }
  }
}
