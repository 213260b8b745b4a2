package io.twinport.it.compatibility;

import io.twinport.it.support.Program;
import io.twinport.it.support.SwitchStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many connections of a process took which path, as {@code status} counts them.
 *
 * @param accepted from the SAN
 * @param connected over the SAN
 * @param tcp on TCP, by their reason
 */
record Paths(long accepted, long connected, Map<String, Long> tcp) {
  static final Paths NONE = new Paths(0, 0, Map.of());

  /** Of one process, which has to be among those that were asked. */
  static Paths of(Program program, List<SwitchStatus> asked) {
    for (SwitchStatus status : asked) {
      if (status.pid() == program.pid()) {
        return of(status.counters());
      }
    }
    throw new AssertionError("status does not name process " + program.pid());
  }

  private static Paths of(Map<String, Object> counters) {
    Map<String, Long> tcp = new TreeMap<>();
    for (Map.Entry<String, Object> each : counters.entrySet()) {
      long count = ((Double) each.getValue()).longValue();
      if (each.getKey().startsWith("tcp.") && count > 0) {
        tcp.put(each.getKey().substring("tcp.".length()), count);
      }
    }
    return new Paths(count(counters, "san.accepted"), count(counters, "san.connected"), tcp);
  }

  private static long count(Map<String, Object> counters, String name) {
    return counters.get(name) instanceof Double count ? count.longValue() : 0;
  }

  Paths and(Paths other) {
    Map<String, Long> both = new TreeMap<>(tcp);
    other.tcp.forEach((reason, count) -> both.merge(reason, count, Long::sum));
    return new Paths(accepted + other.accepted, connected + other.connected, both);
  }

  long onTcp() {
    return tcp.values().stream().mapToLong(Long::longValue).sum();
  }
}
