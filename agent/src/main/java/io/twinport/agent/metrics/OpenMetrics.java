package io.twinport.agent.metrics;

import io.twinport.core.Switch;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The numbers as OpenMetrics text, version 1.0.0. No label has values without bound: reasons, paths
 * and providers are few, and ports are {@link Numbers#MOST_PORTS} at the most. Addresses of peers
 * are none.
 */
public final class OpenMetrics {
  /** The media type of {@link #text}. */
  public static final String TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final StringBuilder text = new StringBuilder(4096);

  private OpenMetrics() {}

  /** The numbers of a registry now, in lines that end with {@code # EOF}. */
  public static String text(Registry registry) {
    return new OpenMetrics().write(Numbers.of(registry));
  }

  private String write(Numbers numbers) {
    family("twinport_build", "info", null, "The version of Twinport and of Java.");
    String version = OpenMetrics.class.getPackage().getImplementationVersion();
    sample(
        "twinport_build_info",
        1,
        "version",
        version == null ? "unknown" : version,
        "java_version",
        Runtime.version().toString());
    counters(numbers);
    listeners(numbers);
    connections(numbers.paths());
    family("twinport_provider", "info", null, "The SAN providers that are in use.");
    for (String name : Switch.describeProviders().keySet()) {
      sample("twinport_provider_info", 1, "provider", name);
    }
    return text.append("# EOF\n").toString();
  }

  private void counters(Numbers numbers) {
    family("twinport_san_connections", "counter", null, "Connections so far over the SAN.");
    long accepted = numbers.counter("san.accepted");
    sample("twinport_san_connections_total", accepted, "role", "accepted");
    long connected = numbers.counter("san.connected");
    sample("twinport_san_connections_total", connected, "role", "connected");
    family("twinport_tcp_connections", "counter", null, "Connections so far over TCP, and why.");
    byReason("twinport_tcp_connections_total", numbers.tcpByReason());
    family(
        "twinport_fallbacks",
        "counter",
        null,
        "Connects of this process on TCP that could have used the SAN.");
    byReason("twinport_fallbacks_total", numbers.fallbacksByReason());
    family("twinport_refused", "counter", null, "Connects that were refused on the SAN.");
    sample("twinport_refused_total", numbers.counter("san.refused"), "side", "client");
    sample("twinport_refused_total", numbers.refusedAtListeners(), "side", "listener");
    family("twinport_provider_failures", "counter", null, "How often SAN providers have failed.");
    sample("twinport_provider_failures_total", numbers.providerFailures());
    family("twinport_events_dropped", "counter", null, "Events that are not kept any more.");
    sample("twinport_events_dropped_total", numbers.eventsDropped());
  }

  private void listeners(Numbers numbers) {
    family("twinport_listeners", "gauge", null, "Listeners now, by the path of new clients.");
    sample("twinport_listeners", numbers.twins(), "path", "san");
    sample("twinport_listeners", numbers.listenersOnTcp(), "path", "tcp");
    byPort(
        numbers,
        "twinport_accept_queue",
        "gauge",
        "SAN connections that wait to be accepted.",
        Numbers.Port::queued);
    byPort(
        numbers,
        "twinport_accept_queue_limit",
        "gauge",
        "How many SAN connections may wait to be accepted.",
        Numbers.Port::backlog);
    byPort(
        numbers,
        "twinport_listener_accepted",
        "counter",
        "SAN connections that a listener has accepted.",
        Numbers.Port::accepted);
    byPort(
        numbers,
        "twinport_listener_refused",
        "counter",
        "SAN clients that have found the backlog of a listener full.",
        Numbers.Port::refused);
    byPort(
        numbers,
        "twinport_listener_given_up",
        "counter",
        "SAN clients that had left before they were accepted.",
        Numbers.Port::givenUp);
  }

  private void byPort(
      Numbers numbers, String name, String type, String help, ToLongFunction<Numbers.Port> of) {
    family(name, type, null, help);
    String sample = type.equals("counter") ? name + "_total" : name;
    numbers.ports().forEach((number, port) -> sample(sample, of.applyAsLong(port), "port", number));
    if (numbers.ports().size() == Numbers.MOST_PORTS) {
      sample(sample, of.applyAsLong(numbers.otherPorts()), "port", "other");
    }
  }

  private void connections(Map<String, Numbers.Path> paths) {
    family("twinport_open_connections", "gauge", null, "Connections that are open now.");
    paths.forEach(
        (path, of) -> {
          sample("twinport_open_connections", of.accepted(), "path", path, "role", "accepted");
          sample("twinport_open_connections", of.connected(), "path", path, "role", "connected");
        });
    family(
        "twinport_receive_queue_bytes",
        "gauge",
        "bytes",
        "Bytes that have come over the SAN and were not read yet.");
    paths.forEach(
        (path, of) -> {
          if (!path.equals("tcp")) {
            sample("twinport_receive_queue_bytes", of.receiveQueueBytes(), "path", path);
          }
        });
    family(
        "twinport_send_queue_bytes",
        "gauge",
        "bytes",
        "Bytes that were written to the SAN and the peers have not read yet.");
    paths.forEach(
        (path, of) -> {
          if (!path.equals("tcp")) {
            sample("twinport_send_queue_bytes", of.sendQueueBytes(), "path", path);
          }
        });
  }

  /** All of them, also those that count nothing yet: a rate needs to have seen the zero. */
  private void byReason(String name, Map<String, Long> counts) {
    for (Reason reason : Reason.values()) {
      sample(name, counts.getOrDefault(reason.code(), 0L), "reason", reason.code());
    }
  }

  private void family(String name, String type, String unit, String help) {
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    if (unit != null) {
      text.append("# UNIT ").append(name).append(' ').append(unit).append('\n');
    }
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
  }

  /**
   * Writes one line.
   *
   * @param labels names and values in turn
   */
  private void sample(String name, long value, Object... labels) {
    text.append(name);
    for (int i = 0; i < labels.length; i += 2) {
      text.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
      escape(labels[i + 1].toString());
      text.append('"');
    }
    text.append(labels.length == 0 ? " " : "} ").append(value).append('\n');
  }

  private void escape(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '"' -> text.append("\\\"");
        case '\n' -> text.append("\\n");
        default -> text.append(c);
      }
    }
  }
}
