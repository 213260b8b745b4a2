package io.twinport.agent.report;

import io.twinport.config.AddressText;
import io.twinport.registry.Flow;
import io.twinport.registry.Registry;
import io.twinport.registry.Waiter;
import io.twinport.spi.Reason;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Connections as JSON; {@code docs/status.md} says what each field is. There may be ten thousand,
 * in a process whose compilers have never seen this: until they have, each letter that a loop looks
 * at costs as much as copying a whole name. So names, and texts that come again, are copied.
 */
final class ConnectionLines {
  private static final byte[][] NUMBERS =
      fields(
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

  private static final byte[] LOCAL = JsonWriter.field("local");
  private static final byte[] REMOTE = JsonWriter.field("remote");
  private static final byte[] RECEIVE_WAITER = JsonWriter.field("receiveWaiter");
  private static final byte[] SEND_WAITER = JsonWriter.field("sendWaiter");
  private static final byte[] WAITER = JsonWriter.field("waiter");
  private static final byte[][] WAITER_NUMBERS = fields("sleeps", "wakeups", "spins");

  private final long[] numbers = new long[NUMBERS.length];

  /** Most of the addresses of a process are of one host. */
  private InetAddress lastHost;

  private byte[] lastHostText;

  private final long[] waiterNumbers = new long[WAITER_NUMBERS.length];

  // -- What was written last: nearly all are of one kind, and a selector waits for many of them

  private Registry.Connection lastKind;
  private byte[] lastKindText;
  private Waiter lastWaiter;
  private byte[] lastWaiterText;

  private static byte[][] fields(String... names) {
    byte[][] fields = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      fields[i] = JsonWriter.field(names[i]);
    }
    return fields;
  }

  /**
   * Writes one.
   *
   * @param moved bytes received, bytes sent, and calls since it was looked at last; or null
   */
  void write(JsonWriter out, Registry.Connection connection, long[] moved) {
    out.object();
    if (connection.local() != null) {
      writeAddress(out, LOCAL, connection.local());
    }
    if (connection.remote() != null) {
      writeAddress(out, REMOTE, connection.remote());
    }
    out.fields(kind(connection));
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
      writeWaiter(out, RECEIVE_WAITER, connection.in().waiter());
    }
    if (connection.out() != null) {
      writeWaiter(out, SEND_WAITER, connection.out().waiter());
    }
    out.endObject();
  }

  @SuppressWarnings("ReferenceEquality") // Another one of the same letters is as good as new.
  private byte[] kind(Registry.Connection connection) {
    Registry.Connection last = lastKind;
    if (last == null
        || last.provider() != connection.provider()
        || last.accepted() != connection.accepted()
        || last.state() != connection.state()
        || last.reason() != connection.reason()) {
      // No lambda: one that was linked first with a full heap could never be used again.
      JsonWriter fields = JsonWriter.forFields();
      fields.string("path", connection.san() ? connection.provider() : "tcp");
      fields.plain("role", connection.accepted() ? "accepted" : "connected");
      fields.plain("state", connection.state().code());
      writeReason(fields, connection.reason());
      lastKindText = fields.written();
      lastKind = connection; // Last: with a full heap, this may not be reached.
    }
    return lastKindText;
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

  private void writeAddress(JsonWriter out, byte[] field, InetSocketAddress address) {
    InetAddress host = address.getAddress();
    if (host == null || hasScope(host)) {
      out.name(field).value(AddressText.of(address));
      return;
    }
    if (!host.equals(lastHost)) {
      lastHostText = text(host).getBytes(StandardCharsets.US_ASCII);
      lastHost = host;
    }
    out.address(field, lastHostText, address.getPort());
  }

  /** Then it has the name of an interface in it, which may be any text, and is equal to others. */
  private static boolean hasScope(InetAddress host) {
    return host instanceof Inet6Address ipv6
        && (ipv6.getScopeId() != 0 || ipv6.getScopedInterface() != null);
  }

  /** Who waits to accept, if somebody does. */
  void writeWaiter(JsonWriter out, Waiter waits) {
    writeWaiter(out, WAITER, waits);
  }

  private void writeWaiter(JsonWriter out, byte[] field, Waiter waits) {
    if (waits == null) {
      return;
    }
    out.name(field).object();
    out.fields(waiter(waits));
    if (waits.kind() == Waiter.Kind.SELECTOR) {
      waiterNumbers[0] = waits.slept();
      waiterNumbers[1] = waits.woken();
      waiterNumbers[2] = waits.spun();
      out.numbers(WAITER_NUMBERS, waiterNumbers);
    }
    out.endObject();
  }

  @SuppressWarnings("ReferenceEquality") // As above.
  private byte[] waiter(Waiter waits) {
    Waiter last = lastWaiter;
    if (last == null
        || last.name() != waits.name()
        || last.kind() != waits.kind()
        || last.asleep() != waits.asleep()) {
      JsonWriter fields = JsonWriter.forFields();
      fields.plain("kind", waits.kind().name().toLowerCase(Locale.ROOT));
      fields.string("name", waits.name());
      fields.flag("asleep", waits.asleep());
      lastWaiterText = fields.written();
      lastWaiter = waits;
    }
    return lastWaiterText;
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
