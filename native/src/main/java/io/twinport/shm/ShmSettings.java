package io.twinport.shm;

import io.twinport.config.Values;
import io.twinport.host.HostSettings;
import io.twinport.spi.Configuration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the user has set for shared memory.
 *
 * @param connectMillis the most a connect waits before TCP is tried
 * @param allowUids the users that may connect; empty for this process's own
 * @param ringBytes the size of a direction's first ring, a power of two
 * @param maxBytes the memory that this process may share, before the container's limit is looked at
 */
record ShmSettings(
    HostSettings host, int connectMillis, List<Integer> allowUids, int ringBytes, long maxBytes) {
  /** All that is asked for. */
  static final Set<String> NAMES =
      HostSettings.names("allow-uids", "shm.connect-millis", "shm.ring-bytes", "shm.max-bytes");

  static ShmSettings read(Configuration configuration) {
    Values from = HostSettings.values(configuration);
    return new ShmSettings(
        HostSettings.read(from),
        (int) from.number("shm.connect-millis", 1_000, 1, 60_000),
        uids(from),
        (int) from.powerOfTwo("shm.ring-bytes", 65_536, 4_096, 4L << 20),
        from.size("shm.max-bytes", 1L << 30, 0, Long.MAX_VALUE));
  }

  private static List<Integer> uids(Values from) {
    String value = from.value("allow-uids");
    if (value == null) {
      return List.of();
    }
    List<Integer> uids = new ArrayList<>();
    for (String uid : value.split(",", -1)) {
      try {
        uids.add(Integer.parseUnsignedInt(uid.trim()));
      } catch (NumberFormatException e) {
        return from.wrong("allow-uids", value, "a list of user numbers", List.of());
      }
    }
    return List.copyOf(uids);
  }
}
