package io.twinport.agent.report;

import io.twinport.core.Switch;
import io.twinport.registry.Flow;
import io.twinport.registry.Registry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * What somebody is told who looks again and again: the sums, the listeners, and those connections
 * that are the first in an order. It remembers what each connection had moved at the last look.
 */
final class Samples {
  /** What connections are sorted by, the highest first. */
  enum Order {
    /** Bytes moved since the last look. */
    RATE,
    /** Calls since the last look. */
    CALLS,
    RECEIVE_QUEUE,
    SEND_QUEUE,
    AGE
  }

  private static final int RECEIVED = 0;
  private static final int SENT = 1;
  private static final int CALLS = 2;

  private static final int LOOKS_BETWEEN_PAUSES = 256;
  private static final long PAUSE_NANOS = 50_000;

  /** A connection at this look, and what it has moved since the last. */
  private static final class Line {
    final Registry.Connection connection;
    final long[] moved;

    Line(Registry.Connection connection, long[] moved) {
      this.connection = connection;
      this.moved = moved;
    }
  }

  private final Registry registry;
  private final Map<String, Object> head;
  private final int most;
  private final int port;
  private final Comparator<Line> order;
  private final ConnectionLines shown = new ConnectionLines();
  private Map<Long, long[]> before;
  private long lastNanos;
  private int looks;

  /**
   * @param head who this process is
   * @param most how many connections are shown
   * @param port of either end; 0 for all
   */
  Samples(Registry registry, Map<String, Object> head, int most, int port, Order order) {
    this.registry = registry;
    this.head = head;
    this.most = most;
    this.port = port;
    this.order = Comparator.<Line>comparingLong(line -> amount(line, order)).reversed();
  }

  private static long amount(Line line, Order order) {
    return switch (order) {
      case RATE -> line.moved[RECEIVED] + line.moved[SENT];
      case CALLS -> line.moved[CALLS];
      case RECEIVE_QUEUE -> line.connection.receiveQueue();
      case SEND_QUEUE -> line.connection.sendQueue();
      case AGE -> line.connection.ageNanos();
    };
  }

  /** Looks, and writes one line. */
  void write(JsonWriter out) throws IOException {
    long now = System.nanoTime();
    Map<Long, long[]> seen = new HashMap<>();
    List<Line> lines = new ArrayList<>();
    Totals totals = new Totals();
    registry.connections(connection -> add(connection, totals, seen, lines));
    for (Registry.Connection connection : Switch.closing()) {
      add(connection, totals, seen, lines);
    }
    lines.sort(order);
    out.object();
    ProcessReport.writeHead(out, head);
    out.plain("time", Instant.now().toString());
    out.number("intervalMillis", before == null ? 0 : (now - lastNanos) / 1_000_000);
    ProcessReport.writeListeners(out, shown, registry, port);
    out.name("connections").array();
    for (Line line : lines.subList(0, Math.min(most, lines.size()))) {
      shown.write(out, line.connection, line.moved);
      out.mayHandOn();
    }
    out.endArray();
    ProcessReport.writeSums(out, registry, totals);
    out.endObject();
    out.finish();
    before = seen;
    lastNanos = now;
  }

  private void add(
      Registry.Connection connection, Totals totals, Map<Long, long[]> seen, List<Line> lines) {
    totals.add(connection);
    if (++looks % LOOKS_BETWEEN_PAUSES == 0) {
      // Whoever moves bytes may have been waiting for this core.
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    if (!connection.san() || !ProcessReport.isAt(port, connection.local(), connection.remote())) {
      return;
    }
    Flow in = connection.in();
    Flow to = connection.out();
    long calls = Math.max(0, in.operations()) + Math.max(0, to.operations());
    long[] now = {in.bytes(), to.bytes(), calls};
    long key = key(connection);
    seen.put(key, now);
    lines.add(new Line(connection, since(key, now)));
  }

  /** What has come to it; one that has just begun to be looked at has moved nothing. */
  private long[] since(long key, long[] now) {
    long[] last = before == null ? now : before.get(key);
    if (last == null) {
      return now;
    }
    long[] moved = new long[now.length];
    for (int i = 0; i < now.length; i++) {
      moved[i] = Math.max(0, now[i] - last[i]); // Another one may have the addresses by now.
    }
    return moved;
  }

  /** By its addresses. Two of one key would show each other's rates, and no more. */
  private static long key(Registry.Connection connection) {
    InetSocketAddress local = connection.local();
    InetSocketAddress remote = connection.remote();
    return ((long) (local == null ? 0 : local.hashCode()) << 32)
        ^ (remote == null ? 0 : remote.hashCode() * 0x9E3779B97F4A7C15L)
        ^ (connection.accepted() ? 1 : 0);
  }
}
