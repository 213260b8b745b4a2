package io.twinport.agent.echo;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A client that blocks. Each line of standard input is a command, each answered by a line. API is
 * {@code channel} or {@code socket}:
 *
 * <ul>
 *   <li>{@code open API PORT COUNT} connects and prints the local ports; {@code close} closes them;
 *   <li>{@code connect API PORT WARM MILLIS} measures from the connect to the server's first byte,
 *       again and again, for so long after so long a warm-up, both in milliseconds. Closing is not
 *       part of the time: the next connect begins when both ends have closed.
 *   <li>{@code echo API PORT WARM MILLIS} measures round trips of 64 bytes on one connection.
 * </ul>
 *
 * Measurements are the median and the 99th percentile, in nanoseconds.
 */
public final class EchoClient {
  private static final int MESSAGE_BYTES = 64;
  private static final int MOST_SAMPLES = 1 << 19;

  /** What is measured; returns the nanoseconds it took. */
  private interface Operation {
    long run() throws IOException;
  }

  private final List<Api.Connection> open = new ArrayList<>();
  private final long[] samples = new long[MOST_SAMPLES];

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
        return open(api(words[1]), address(words[2]), Integer.parseInt(words[3]));
      case "close":
        close();
        return "closed";
      case "connect":
        return connect(
            api(words[1]), address(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4]));
      case "echo":
        return echo(
            api(words[1]), address(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4]));
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  private static Api api(String name) {
    return Api.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static InetSocketAddress address(String port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
  }

  private String open(Api api, InetSocketAddress server, int count) throws IOException {
    ByteBuffer one = api.allocate(1);
    StringBuilder ports = new StringBuilder("open");
    for (int i = 0; i < count; i++) {
      Api.Connection connection = api.connect(server);
      open.add(connection);
      fill(connection, one);
      ports.append(' ').append(connection.localPort());
    }
    return ports.toString();
  }

  private void close() throws IOException {
    for (Api.Connection connection : open) {
      connection.close();
    }
    open.clear();
  }

  private String connect(Api api, InetSocketAddress server, long warmMillis, long millis)
      throws IOException {
    ByteBuffer one = api.allocate(1);
    return measure(
        warmMillis,
        millis,
        () -> {
          long start = System.nanoTime();
          Api.Connection connection = api.connect(server);
          fill(connection, one);
          long nanos = System.nanoTime() - start;
          leave(connection, one);
          return nanos;
        });
  }

  private String echo(Api api, InetSocketAddress server, long warmMillis, long millis)
      throws IOException {
    ByteBuffer one = api.allocate(1);
    ByteBuffer message = api.allocate(MESSAGE_BYTES);
    Api.Connection connection = api.connect(server);
    fill(connection, one);
    String summary =
        measure(
            warmMillis,
            millis,
            () -> {
              long start = System.nanoTime();
              connection.write(message.clear());
              fill(connection, message);
              return System.nanoTime() - start;
            });
    leave(connection, one);
    return summary;
  }

  /** Says goodbye, and returns when the server has closed. */
  private static void leave(Api.Connection leaving, ByteBuffer one) throws IOException {
    try (Api.Connection connection = leaving) {
      connection.write(one.clear().put(0, EchoServer.GOODBYE));
      if (connection.read(one.clear()) >= 0) {
        throw new IOException("the server does not close the connection");
      }
      // Nothing is left to be lost, and thousands of connections would make the kernel remember
      // each of them for a minute.
      connection.resetOnClose();
    }
  }

  private static void fill(Api.Connection connection, ByteBuffer buffer) throws IOException {
    buffer.clear();
    while (buffer.hasRemaining()) {
      if (connection.read(buffer) < 0) {
        throw new EOFException("the server closed the connection");
      }
    }
  }

  /** Runs the same code while it warms up as later: the threads are to be where they will be. */
  private String measure(long warmMillis, long millis, Operation operation) throws IOException {
    int count = 0;
    long now = System.nanoTime();
    long begin = now + TimeUnit.MILLISECONDS.toNanos(warmMillis);
    long end = begin + TimeUnit.MILLISECONDS.toNanos(millis);
    while (count == 0 || (now - end < 0 && count < samples.length)) {
      long nanos = operation.run();
      now = System.nanoTime();
      if (now - begin > 0) {
        samples[count++] = nanos;
      }
    }
    Arrays.sort(samples, 0, count);
    return samples[count / 2] + " " + samples[(int) (count * 0.99)];
  }
}
