package io.twinport.it.apps;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** A client, or a server of one connection, that uses up the descriptors it may have. */
public final class HoardingClient {
  private final Deque<FileInputStream> hoard = new ArrayDeque<>();
  private ServerSocketChannel listener;

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    HoardingClient client = new HoardingClient();
    new Console()
        .on("echo", HoardingClient::echo)
        .on("hoard", client::hoard)
        .on("release", client::release)
        .on("listen", client::listen)
        .on("accept", client::accept)
        .serve("");
  }

  /** {@code echo HOST PORT}: one connection and one byte. */
  private static String echo(String... words) throws IOException {
    InetSocketAddress target = new InetSocketAddress(words[1], Integer.parseInt(words[2]));
    try (SocketChannel channel = SocketChannel.open(target)) {
      channel.write(ByteBuffer.wrap(new byte[] {42}));
      ByteBuffer answer = ByteBuffer.allocate(1);
      channel.read(answer);
      return "answer=" + answer.get(0);
    }
  }

  /** {@code hoard}: opens files until there is no descriptor left. */
  private String hoard(String... words) {
    while (true) {
      try {
        hoard.push(new FileInputStream("/dev/null"));
      } catch (IOException e) {
        return "hoard=" + hoard.size();
      }
    }
  }

  /** {@code release COUNT}: closes so many of them. */
  private String release(String... words) throws IOException {
    for (int i = 0; i < Integer.parseInt(words[1]) && !hoard.isEmpty(); i++) {
      hoard.pop().close();
    }
    return "hoard=" + hoard.size();
  }

  /** {@code listen}: binds a listener, and does not accept. */
  private String listen(String... words) throws IOException {
    listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return "port=" + ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  /** {@code accept}: accepts on a thread of its own, and answers once that waits. */
  private String accept(String... words) throws InterruptedException {
    Thread thread = new Thread(this::answerOne, "accept");
    thread.setDaemon(true);
    thread.start();
    for (int still = 0; still < 20; ) {
      Thread.sleep(5);
      StackTraceElement[] stack = thread.getStackTrace();
      boolean waits = stack.length > 0 && stack[0].isNativeMethod();
      still = waits ? still + 1 : 0;
      if (!thread.isAlive()) {
        throw new IllegalStateException("accept did not wait");
      }
    }
    return "";
  }

  private void answerOne() {
    try (SocketChannel channel = listener.accept()) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one);
      channel.write(one.flip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
