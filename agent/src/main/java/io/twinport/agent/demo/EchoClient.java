package io.twinport.agent.demo;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A client with blocking channels. Each line of standard input is a command, each answered by a
 * line:
 *
 * <ul>
 *   <li>{@code open PORT COUNT} connects and prints the local ports; {@code close} closes them;
 *   <li>{@code connect PORT COUNT} measures from the connect to the server's first byte;
 *   <li>{@code echo PORT COUNT MILLIS} measures round trips of 64 bytes on one connection, at most
 *       so many and for no longer than that.
 * </ul>
 *
 * Measurements are the median and the 99th percentile, in nanoseconds.
 */
public final class EchoClient {
  private static final int MESSAGE_BYTES = 64;

  private final List<SocketChannel> open = new ArrayList<>();
  private final ByteBuffer one = ByteBuffer.allocateDirect(1);
  private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);

  private EchoClient() {}

  /** Runs the client until its standard input ends. */
  public static void main(String[] arguments) throws IOException {
    EchoClient client = new EchoClient();
    System.out.println("ready");
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      System.out.println(client.answer(line.split(" ", -1)));
    }
    client.close();
  }

  private String answer(String[] words) throws IOException {
    switch (words[0]) {
      case "open":
        return open(address(words[1]), Integer.parseInt(words[2]));
      case "close":
        close();
        return "closed";
      case "connect":
        return connect(address(words[1]), new long[Integer.parseInt(words[2])]);
      case "echo":
        return echo(
            address(words[1]), new long[Integer.parseInt(words[2])], Long.parseLong(words[3]));
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  private static InetSocketAddress address(String port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
  }

  private String open(InetSocketAddress server, int count) throws IOException {
    StringBuilder ports = new StringBuilder("open");
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open(server);
      open.add(channel);
      fill(channel, one);
      ports.append(' ').append(channel.socket().getLocalPort());
    }
    return ports.toString();
  }

  private void close() throws IOException {
    for (SocketChannel channel : open) {
      channel.close();
    }
    open.clear();
  }

  private String connect(InetSocketAddress server, long[] nanos) throws IOException {
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      try (SocketChannel channel = SocketChannel.open(server)) {
        fill(channel, one);
        nanos[i] = System.nanoTime() - start;
      }
    }
    return summary(nanos);
  }

  private String echo(InetSocketAddress server, long[] nanos, long millis) throws IOException {
    int count = 0;
    try (SocketChannel channel = SocketChannel.open(server)) {
      fill(channel, one);
      long end = System.nanoTime() + millis * 1_000_000;
      for (long start = System.nanoTime(); count < nanos.length && start - end < 0; count++) {
        channel.write(message.clear());
        fill(channel, message);
        long now = System.nanoTime();
        nanos[count] = now - start;
        start = now;
      }
    }
    return summary(Arrays.copyOf(nanos, count));
  }

  private static void fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
    buffer.clear();
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the server closed the connection");
      }
    }
  }

  private static String summary(long[] nanos) {
    Arrays.sort(nanos);
    return nanos[nanos.length / 2] + " " + nanos[(int) (nanos.length * 0.99)];
  }
}
