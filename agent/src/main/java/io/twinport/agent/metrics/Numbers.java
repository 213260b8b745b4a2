package io.twinport.agent.metrics;

import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import java.util.Map;
import java.util.TreeMap;

/** What a registry counts, at one moment. */
public final class Numbers {
  /** Ports beyond these are one: what collects the numbers keeps a row for each. */
  public static final int MOST_PORTS = 64;

  /** What is counted of the listeners of one port. */
  public static final class Port {
    private long queued;
    private long backlog;
    private long accepted;
    private long refused;
    private long givenUp;

    /** How many SAN connections wait to be accepted. */
    public long queued() {
      return queued;
    }

    /** How many may, at the most. */
    public long backlog() {
      return backlog;
    }

    /** How many SAN connections were accepted so far. */
    public long accepted() {
      return accepted;
    }

    /** How many SAN clients have found the backlog full. */
    public long refused() {
      return refused;
    }

    /** How many SAN clients had left before they were accepted. */
    public long givenUp() {
      return givenUp;
    }
  }

  /** What is counted of the open connections of one path. */
  public static final class Path {
    private long accepted;
    private long connected;
    private long receiveQueueBytes;
    private long sendQueueBytes;

    public long accepted() {
      return accepted;
    }

    public long connected() {
      return connected;
    }

    /** Bytes that have come and were not read yet; 0 on TCP. */
    public long receiveQueueBytes() {
      return receiveQueueBytes;
    }

    /** Bytes that were written and the peers have not read yet; 0 on TCP. */
    public long sendQueueBytes() {
      return sendQueueBytes;
    }
  }

  private final Map<String, Path> paths = new TreeMap<>();
  private final Map<Integer, Port> ports = new TreeMap<>();
  private final Port otherPorts = new Port();
  private final Map<String, Integer> listenersByPath = new TreeMap<>();
  private final Map<String, Long> counters;
  private final Map<String, Long> fallbacks = new TreeMap<>();
  private final long refusedAtListeners;
  private final long providerFailures;
  private final long eventsDropped;

  private Numbers(Registry registry) {
    counters = registry.counters();
    for (Reason reason : Reason.values()) {
      long count = registry.events().fallbacks(reason);
      if (count != 0) {
        fallbacks.put(reason.code(), count);
      }
    }
    refusedAtListeners = registry.events().refusedAtListeners();
    providerFailures = registry.events().providerFailures();
    eventsDropped = registry.events().dropped();
    registry.listeners().forEach(this::add);
    registry.connections().forEach(this::add);
  }

  /** Looks at a registry now. */
  public static Numbers of(Registry registry) {
    return new Numbers(registry);
  }

  private void add(Registry.Listener listener) {
    listenersByPath.merge(listener.onSan() ? "san" : "tcp", 1, Integer::sum);
    if (!listener.twin()) {
      return;
    }
    int number = listener.local().getPort();
    Port port = ports.get(number);
    if (port == null) {
      port = ports.size() < MOST_PORTS ? new Port() : otherPorts;
      if (port != otherPorts) {
        ports.put(number, port);
      }
    }
    port.queued += listener.queued();
    port.backlog += listener.backlog();
    port.accepted += listener.accepted();
    port.refused += listener.refused();
    port.givenUp += listener.givenUp();
  }

  private void add(Registry.Connection connection) {
    Path path =
        paths.computeIfAbsent(connection.san() ? connection.provider() : "tcp", p -> new Path());
    if (connection.accepted()) {
      path.accepted++;
    } else {
      path.connected++;
    }
    path.receiveQueueBytes += connection.receiveQueue();
    path.sendQueueBytes += connection.sendQueue();
  }

  /** The open connections by their path: the name of a provider, or {@code tcp}. */
  public Map<String, Path> paths() {
    return paths;
  }

  /** Listeners with a twin by their port, the first {@link #MOST_PORTS} of them. */
  public Map<Integer, Port> ports() {
    return ports;
  }

  /** Those that are not in {@link #ports}. */
  public Port otherPorts() {
    return otherPorts;
  }

  /** How many listeners new clients reach over the SAN. */
  public int twins() {
    return listenersByPath.getOrDefault("san", 0);
  }

  /** How many listeners new clients reach over TCP alone. */
  public int listenersOnTcp() {
    return listenersByPath.getOrDefault("tcp", 0);
  }

  /** As {@code status} has them; see {@link Registry#counters}. */
  public long counter(String name) {
    return counters.getOrDefault(name, 0L);
  }

  /** Connections so far that are or were on TCP, by the code of the reason. */
  public Map<String, Long> tcpByReason() {
    Map<String, Long> found = new TreeMap<>();
    counters.forEach(
        (name, count) -> {
          if (name.startsWith("tcp.")) {
            found.put(name.substring("tcp.".length()), count);
          }
        });
    return found;
  }

  /** Connects of this process that fell back to TCP, by the code of the reason. */
  public Map<String, Long> fallbacksByReason() {
    return fallbacks;
  }

  public long refusedAtListeners() {
    return refusedAtListeners;
  }

  public long providerFailures() {
    return providerFailures;
  }

  /** Events that {@code status --events} does not have any more. */
  public long eventsDropped() {
    return eventsDropped;
  }
}
