package io.twinport.agent.report;

import io.twinport.config.AddressText;
import io.twinport.core.Switch;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * All that a process says of itself. It looks at one listener and connection after the other: what
 * it says of each was true when it looked, and no lock is held from one to the next.
 */
public final class ProcessReport {
  /** Where this package stands in the jar. */
  public static final String FOLDER = "io/twinport/agent/report/";

  /** What the fields mean; a field that takes on another meaning, or goes, is a new number. */
  public static final long SCHEMA = 2;

  private ProcessReport() {}

  /**
   * Writes the report, as {@code docs/status.md} describes it.
   *
   * @param head what stands in front of the listeners: maps, lists, strings, longs and booleans
   * @param outside listeners that the registry does not know, in the same form
   * @param explained makes of a connection what is to be said of it
   */
  public static void write(
      JsonWriter out,
      Map<String, Object> head,
      Registry registry,
      List<Object> outside,
      UnaryOperator<Registry.Connection> explained)
      throws IOException {
    out.object();
    writeHead(out, head);
    ConnectionLines lines = new ConnectionLines();
    out.name("listeners").array();
    for (Registry.Listener listener : registry.listeners()) {
      write(out, lines, listener);
      out.mayHandOn();
    }
    for (Object line : outside) {
      out.value(line);
    }
    out.endArray();
    Totals totals = new Totals();
    out.name("connections").array();
    try {
      registry.connections(found -> write(out, lines, explained.apply(found), totals));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Registry.Connection connection : Switch.closing()) {
      write(out, lines, connection, totals);
    }
    out.endArray();
    writeSums(out, registry, totals);
    out.endObject();
    out.finish();
  }

  static void writeHead(JsonWriter out, Map<String, Object> head) {
    for (Map.Entry<String, Object> entry : head.entrySet()) {
      out.name(entry.getKey()).value(entry.getValue());
    }
  }

  /** Writes what has been counted so far, and the sums over what is there. */
  static void writeSums(JsonWriter out, Registry registry, Totals totals) {
    out.name("counters").object();
    registry.counters().forEach(out::number);
    out.endObject();
    out.name("totals");
    totals.write(out);
  }

  /** Writes the listeners at a port, or all of them where it is 0. */
  static void writeListeners(JsonWriter out, ConnectionLines lines, Registry registry, int port)
      throws IOException {
    out.name("listeners").array();
    for (Registry.Listener listener : registry.listeners()) {
      if (isAt(port, listener.local(), null)) {
        write(out, lines, listener);
        out.mayHandOn();
      }
    }
    out.endArray();
  }

  /** Whether one of the addresses has the port; true where that is 0. */
  static boolean isAt(int port, InetSocketAddress local, InetSocketAddress remote) {
    return port == 0
        || (local != null && local.getPort() == port)
        || (remote != null && remote.getPort() == port);
  }

  private static void write(
      JsonWriter out, ConnectionLines lines, Registry.Connection connection, Totals totals) {
    totals.add(connection);
    lines.write(out, connection, null);
    try {
      out.mayHandOn();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(JsonWriter out, ConnectionLines lines, Registry.Listener listener) {
    out.object();
    out.string("local", AddressText.of(listener.local()));
    out.string("path", listener.path());
    ConnectionLines.writeReason(out, listener.reason());
    if (listener.twin()) {
      out.number("queued", listener.queued());
      out.number("backlog", listener.backlog());
      out.number("accepted", listener.accepted());
      out.number("refused", listener.refused());
      out.number("givenUp", listener.givenUp());
    }
    lines.writeWaiter(out, listener.waiter());
    if (listener.onSan() && !listener.without().isEmpty()) {
      out.name("without").array();
      for (Map.Entry<String, Reason> without : listener.without().entrySet()) {
        out.object().string("provider", without.getKey());
        ConnectionLines.writeReason(out, without.getValue());
        out.endObject();
      }
      out.endArray();
    }
    out.endObject();
  }
}
