package io.twinport.it.apps;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * An echo server that opens more listeners while it runs. It has used all the ways to listen when
 * it says that it is ready, and reports the ports of a server socket, a channel and an asynchronous
 * channel.
 */
public final class GrowingServer {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  /** What accepts, one connection after the other. */
  private interface Accept {
    void next() throws IOException, InterruptedException, ExecutionException;
  }

  private GrowingServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    Selector early = Selector.open();
    int[] ports = {listen("socket"), listen("channel"), listen("async")};
    new Console()
        .on("listen", words -> "port=" + listen(words[1]))
        .on("select", words -> "echoed=" + echoThrough(early, Integer.parseInt(words[1])))
        .serve(Bindings.report(List.of(ports[0], ports[1], ports[2])));
    early.close();
  }

  private static int listen(String kind) throws IOException {
    switch (kind) {
      case "socket":
        ServerSocket socket = new ServerSocket();
        socket.bind(ANY_PORT);
        inBackground(() -> echo(socket.accept()));
        return socket.getLocalPort();
      case "channel":
        ServerSocketChannel channel = ServerSocketChannel.open().bind(ANY_PORT);
        inBackground(() -> echo(channel.accept()));
        return port(channel.getLocalAddress());
      case "async":
        AsynchronousServerSocketChannel async =
            AsynchronousServerSocketChannel.open().bind(ANY_PORT);
        inBackground(
            () -> {
              var accepted = async.accept().get();
              inBackground(Channels.newInputStream(accepted), Channels.newOutputStream(accepted));
            });
        return port(async.getLocalAddress());
      default:
        throw new IllegalArgumentException(kind);
    }
  }

  /** {@code select PORT}: connects to itself, with a selector that may be older than the agent. */
  private static int echoThrough(Selector selector, int port) throws IOException {
    ByteBuffer sent = ByteBuffer.allocate(100_000);
    ByteBuffer received = ByteBuffer.allocate(sent.capacity());
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      channel.connect(new InetSocketAddress(ANY_PORT.getAddress(), port));
      SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
      while (received.hasRemaining()) {
        selector.select();
        selector.selectedKeys().clear();
        if (key.isConnectable() && channel.finishConnect()) {
          key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
        if (key.isWritable()) {
          channel.write(sent);
          key.interestOps(sent.hasRemaining() ? key.interestOps() : SelectionKey.OP_READ);
        }
        if (key.isReadable() && channel.read(received) < 0) {
          throw new EOFException();
        }
      }
    }
    selector.selectNow();
    return received.position();
  }

  private static int port(SocketAddress address) {
    return ((InetSocketAddress) address).getPort();
  }

  private static void echo(Socket socket) throws IOException {
    inBackground(socket.getInputStream(), socket.getOutputStream());
  }

  private static void echo(SocketChannel channel) throws IOException {
    inBackground(channel.socket().getInputStream(), channel.socket().getOutputStream());
  }

  private static void inBackground(InputStream in, OutputStream out) {
    daemon(
        () -> {
          try (in;
              out) {
            in.transferTo(out);
          } catch (IOException e) {
            System.err.println("echo: " + e);
          }
        });
  }

  private static void inBackground(Accept accept) {
    daemon(
        () -> {
          try {
            while (true) {
              accept.next();
            }
          } catch (IOException | InterruptedException | ExecutionException e) {
            System.err.println("accept: " + e);
          }
        });
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
  }
}
