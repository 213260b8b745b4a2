package io.twinport.agent.report;

import io.twinport.config.AddressText;
import io.twinport.registry.Flow;
import io.twinport.registry.Registry;
import io.twinport.registry.Waiter;
import io.twinport.spi.Reason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Connections as JSON; {@code docs/status.md} says what each field is. There may be ten thousand,
 * in a process whose compilers have never seen this: so numbers are written by one small loop.
 */
final class ConnectionLines {
  private static final byte[][] NUMBERS =
      named(
          "receivedBytesSince",
          "sentBytesSince",
          "operationsSince",
          "ageMillis",
          "peerPid",
          "receivedBytes",
          "receiveOperations",
          "receiveQueueBytes",
          "receiveWindowBytes",
          "receiveQuietMillis",
          "receiveSleeps",
          "receiveWakeups",
          "receiveSpins",
          "sentBytes",
          "sendOperations",
          "sendQueueBytes",
          "sendWindowBytes",
          "sendQuietMillis",
          "sendSleeps",
          "sendWakeups",
          "sendSpins");

  private static final int SINCE = 0;
  private static final int AGE = 3;
  private static final int PEER_PID = 4;
  private static final int IN = 5;
  private static final int OUT = 13;

  private final long[] numbers = new long[NUMBERS.length];

  /** Most of the addresses of a process are of one host. */
  private InetAddress lastHost;

  private String lastHostText;

  private static byte[][] named(String... names) {
    byte[][] named = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      named[i] = (",\"" + names[i] + "\":").getBytes(StandardCharsets.US_ASCII);
    }
    return named;
  }

  /**
   * Writes one.
   *
   * @param moved bytes received, bytes sent, and calls since it was looked at last; or null
   */
  void write(JsonWriter out, Registry.Connection connection, long[] moved) {
    out.object();
    if (connection.local() != null) {
      out.string("local", shown(connection.local()));
    }
    if (connection.remote() != null) {
      out.string("remote", shown(connection.remote()));
    }
    out.string("path", connection.san() ? connection.provider() : "tcp");
    out.plain("role", connection.accepted() ? "accepted" : "connected");
    out.plain("state", connection.state().code());
    writeReason(out, connection.reason());
    Arrays.fill(numbers, -1);
    if (moved != null) {
      System.arraycopy(moved, 0, numbers, SINCE, moved.length);
    }
    numbers[AGE] = millis(connection.ageNanos());
    numbers[PEER_PID] = connection.peerPid() > 0 ? connection.peerPid() : -1;
    fill(IN, connection.in());
    fill(OUT, connection.out());
    out.numbers(NUMBERS, numbers);
    if (connection.in() != null) {
      writeWaiter(out, "receiveWaiter", connection.in().waiter());
    }
    if (connection.out() != null) {
      writeWaiter(out, "sendWaiter", connection.out().waiter());
    }
    out.endObject();
  }

  private void fill(int at, Flow flow) {
    if (flow == null) {
      return;
    }
    numbers[at] = flow.bytes();
    numbers[at + 1] = flow.operations();
    numbers[at + 2] = flow.queue();
    numbers[at + 3] = flow.window();
    numbers[at + 4] = millis(flow.quietNanos());
    numbers[at + 5] = flow.slept();
    numbers[at + 6] = flow.woken();
    numbers[at + 7] = flow.spun();
  }

  private static long millis(long nanos) {
    return nanos < 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  private String shown(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    if (host == null) {
      return AddressText.of(address);
    }
    if (!host.equals(lastHost)) {
      lastHostText = text(host);
      lastHost = host;
    }
    return lastHostText + address.getPort();
  }

  static void writeWaiter(JsonWriter out, String name, Waiter waiter) {
    if (waiter == null) {
      return;
    }
    out.name(name).object();
    out.plain("kind", waiter.kind().name().toLowerCase(Locale.ROOT));
    out.string("name", waiter.name());
    out.flag("asleep", waiter.asleep());
    if (waiter.kind() == Waiter.Kind.SELECTOR) {
      out.number("sleeps", waiter.slept());
      out.number("wakeups", waiter.woken());
      out.number("spins", waiter.spun());
    }
    out.endObject();
  }

  static void writeReason(JsonWriter out, Reason reason) {
    if (reason != null) {
      out.plain("reason", reason.code());
      out.string("why", reason.text());
    }
  }

  /** As {@link AddressText} has it, without the port. */
  private static String text(InetAddress host) {
    String text = AddressText.of(host);
    return (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":";
  }
}
