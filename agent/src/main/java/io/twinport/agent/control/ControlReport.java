package io.twinport.agent.control;

import io.twinport.config.AddressText;
import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.registry.PathEvent;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What this process says of itself when {@code status} asks. */
public final class ControlReport {
  /** The reason of a listener that the switch knows nothing of. */
  public static final String OUTSIDE = "outside";

  private ControlReport() {}

  /** A map for {@link ControlJson}, as the README describes it. */
  static Map<String, Object> of(ControlName self, Registry registry) {
    Map<String, String> providers = Switch.describeProviders();
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("pid", self.pid());
    report.put("id", self.id());
    report.put("version", ControlReport.class.getPackage().getImplementationVersion());
    report.put("jdk", Runtime.version().toString());
    report.put("command", command());
    report.put("agent", Control.isAttached() ? "attached" : "launched");
    report.put("configured", Switch.configuredProviders());
    report.put("providers", List.copyOf(providers.keySet()));
    report.put("details", new LinkedHashMap<>(providers));
    report.put("nativeTransports", nativeTransports());
    report.put("listeners", listeners(registry));
    report.put("connections", connections(registry));
    report.put("counters", new LinkedHashMap<>(registry.counters()));
    return report;
  }

  /** The main class or jar alone: arguments may be secrets. */
  private static String command() {
    String command = System.getProperty("sun.java.command", "");
    int end = command.indexOf(' ');
    return end < 0 ? command : command.substring(0, end);
  }

  private static List<Object> listeners(Registry registry) {
    List<Object> listeners = new ArrayList<>();
    for (Registry.Listener listener : registry.listeners()) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("local", text(listener.local()));
      boolean twin = listener.twin() && listener.reason() == null;
      line.put("path", twin ? "tcp+" + String.join("+", listener.providers()) : "tcp");
      addReason(line, listener.reason());
      if (listener.twin()) {
        line.put("queued", (long) listener.queued());
        line.put("refused", listener.refused());
      }
      if (twin && !listener.without().isEmpty()) {
        line.put("without", without(listener));
      }
      listeners.add(line);
    }
    listeners.addAll(listenersOutside(registry));
    return listeners;
  }

  private static List<Object> without(Registry.Listener listener) {
    List<Object> lines = new ArrayList<>();
    listener
        .without()
        .forEach(
            (provider, reason) -> {
              Map<String, Object> line = new LinkedHashMap<>();
              line.put("provider", provider);
              addReason(line, reason);
              lines.add(line);
            });
    return lines;
  }

  /** What this process listens on beside, as far as the kernel tells. */
  private static List<Object> listenersOutside(Registry registry) {
    List<Object> listeners = new ArrayList<>();
    try {
      List<InetSocketAddress> known =
          registry.listeners().stream().map(Registry.Listener::local).toList();
      List<InetSocketAddress> all = TcpTable.listeners(Path.of("/proc/self"));
      for (InetSocketAddress address : TcpTable.without(all, known)) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("local", text(address));
        line.put("path", "tcp");
        line.put("reason", OUTSIDE);
        line.put("why", "opened before Twinport was there, or by native code");
        listeners.add(line);
      }
    } catch (IOException | RuntimeException e) {
      Log.debug(() -> "the kernel does not tell of listeners: " + Log.cause(e));
    }
    return listeners;
  }

  private static List<Object> nativeTransports() {
    List<Object> transports = new ArrayList<>();
    for (NativeTransports.Seen seen : NativeTransports.seen()) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("transport", seen.transport());
      line.put("package", seen.netty());
      line.put("property", seen.property());
      transports.add(line);
    }
    return transports;
  }

  private static List<Object> connections(Registry registry) {
    List<Object> connections = new ArrayList<>();
    RefusedClients refused = RefusedClients.look();
    for (Registry.Connection connection : registry.connections()) {
      if (connection.local() == null || connection.remote() == null) {
        continue; // Closed since it was found open.
      }
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("local", text(connection.local()));
      line.put("remote", text(connection.remote()));
      line.put("path", connection.san() ? connection.provider() : "tcp");
      line.put("role", connection.accepted() ? "accepted" : "connected");
      if (connection.san()) {
        line.put("receiveQueue", (long) connection.receiveQueue());
        line.put("sendQueue", (long) connection.sendQueue());
      }
      addReason(line, refused.reason(connection.remote(), connection.reason()));
      connections.add(line);
    }
    return connections;
  }

  /** The events that have happened last at that time or later, oldest first. */
  static Map<String, Object> events(ControlName self, Registry registry, long sinceMillis) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("pid", self.pid());
    report.put("id", self.id());
    report.put("command", command());
    report.put("timeMillis", System.currentTimeMillis());
    List<Object> lines = new ArrayList<>();
    for (PathEvent event : registry.events().since(sinceMillis)) {
      lines.add(line(event));
    }
    report.put("events", lines);
    report.put("eventsDropped", registry.events().dropped());
    return report;
  }

  private static Map<String, Object> line(PathEvent event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("firstMillis", event.firstMillis());
    line.put("lastMillis", event.lastMillis());
    line.put("times", event.times());
    line.put("event", event.kind().code());
    line.put("side", event.atListener() ? "listener" : "client");
    put(line, "local", event.local());
    put(line, "remote", event.peer());
    if (event.place() != null) {
      line.put("port", (long) event.place().getPort());
    }
    if (event.provider() != null) {
      line.put("provider", event.provider());
    }
    addReason(line, event.reason());
    if (event.detail() != null) {
      line.put("detail", event.detail());
    }
    return line;
  }

  private static void put(Map<String, Object> line, String name, InetSocketAddress address) {
    if (address != null) {
      line.put(name, text(address));
    }
  }

  private static void addReason(Map<String, Object> line, Reason reason) {
    if (reason != null) {
      line.put("reason", reason.code());
      line.put("why", reason.text());
    }
  }

  /** See {@link AddressText}. */
  public static String text(InetSocketAddress address) {
    return AddressText.of(address);
  }
}
