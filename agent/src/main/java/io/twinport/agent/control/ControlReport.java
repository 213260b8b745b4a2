package io.twinport.agent.control;

import io.twinport.agent.report.JsonWriter;
import io.twinport.agent.report.ProcessReport;
import io.twinport.config.AddressText;
import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.registry.PathEvent;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What this process says of itself when {@code status} asks. */
public final class ControlReport {
  /** The reason of a listener that the switch knows nothing of. */
  public static final String OUTSIDE = "outside";

  private ControlReport() {}

  /** Writes it, as {@code docs/status.md} describes it. */
  static void write(ControlName self, Registry registry, List<Object> captures, JsonWriter out)
      throws IOException {
    RefusedClients refused = RefusedClients.look();
    Map<String, Object> head = head(self);
    head.put("captures", captures);
    ProcessReport.write(out, head, registry, listenersOutside(registry), refused::explained);
  }

  /** Who this process is. */
  static Map<String, Object> identity(ControlName self) {
    Map<String, Object> identity = new LinkedHashMap<>();
    identity.put("schema", ProcessReport.SCHEMA);
    identity.put("pid", self.pid());
    identity.put("id", self.id());
    identity.put("version", ControlReport.class.getPackage().getImplementationVersion());
    identity.put("command", command());
    return identity;
  }

  private static Map<String, Object> head(ControlName self) {
    Map<String, String> providers = Switch.describeProviders();
    Instant now = Instant.now();
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("schema", ProcessReport.SCHEMA);
    head.put("pid", self.pid());
    head.put("id", self.id());
    head.put("version", ControlReport.class.getPackage().getImplementationVersion());
    head.put("time", now.toString());
    ProcessHandle.current()
        .info()
        .startInstant()
        .ifPresent(
            started -> {
              head.put("started", started.toString());
              head.put("uptimeMillis", Duration.between(started, now).toMillis());
            });
    head.put("jdk", Runtime.version().toString());
    head.put("command", command());
    head.put("agent", Control.isAttached() ? "attached" : "launched");
    head.put("settings", ControlSettings.effective());
    head.put("configured", Switch.configuredProviders());
    head.put("providers", List.copyOf(providers.keySet()));
    head.put("details", new LinkedHashMap<>(providers));
    head.put("nativeTransports", nativeTransports());
    return head;
  }

  /** The main class or jar alone: arguments may be secrets. */
  private static String command() {
    String command = System.getProperty("sun.java.command", "");
    int end = command.indexOf(' ');
    return end < 0 ? command : command.substring(0, end);
  }

  /** What this process listens on beside, as far as the kernel tells. */
  private static List<Object> listenersOutside(Registry registry) {
    List<Object> listeners = new ArrayList<>();
    try {
      List<InetSocketAddress> known = new ArrayList<>();
      registry.listeners().forEach(listener -> known.add(listener.local()));
      InetSocketAddress metrics = Control.metricsAddress();
      if (metrics != null) {
        known.add(metrics);
      }
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
