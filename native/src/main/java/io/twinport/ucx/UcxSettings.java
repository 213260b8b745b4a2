package io.twinport.ucx;

import io.twinport.config.Subnet;
import io.twinport.config.Values;
import io.twinport.host.HostSettings;
import io.twinport.spi.Configuration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the user has set for the provider {@code ucx}; each is {@code twinport.ucx.<name>}.
 *
 * @param leavesHostToShm whether shared memory is enabled, too, for addresses of this host
 * @param connectMillis the most a connect waits before TCP is tried
 * @param transport what carries the bytes
 * @param interfaces names of network interfaces whose addresses are served, in place of those that
 *     are found; empty if none are given
 * @param subnets what is reached besides the subnets of the addresses that are served
 * @param portOffset over {@link Transport#TCP}, how far the SAN's port is from the application's
 * @param retrySeconds how long a destination that had no twin, or did not answer, is not asked
 *     again
 * @param keepaliveMillis how long a peer may be silent before it is asked whether it is there
 * @param library the name or path of UCX's library
 */
record UcxSettings(
    HostSettings host,
    boolean leavesHostToShm,
    int connectMillis,
    Transport transport,
    List<String> interfaces,
    List<Subnet> subnets,
    int portOffset,
    int retrySeconds,
    int keepaliveMillis,
    String library) {
  /** What carries the bytes. */
  enum Transport {
    /** RDMA devices. */
    RDMA,
    /** The kernel's TCP, through UCX: for tests on machines without such devices. */
    TCP
  }

  /** All that is asked for. */
  static final Set<String> NAMES =
      HostSettings.names(
          "connect-millis",
          "ucx.transport",
          "ucx.interfaces",
          "ucx.subnets",
          "ucx.port-offset",
          "ucx.retry-seconds",
          "ucx.keepalive-millis",
          "ucx.library");

  static UcxSettings read(Configuration configuration) {
    Values from = HostSettings.values(configuration);
    return new UcxSettings(
        HostSettings.read(from),
        configuration.providers().contains("shm"),
        (int) from.number("connect-millis", 100, 1, 60_000),
        from.oneOf("ucx.transport", Transport.class, Transport.RDMA),
        List.copyOf(from.words("ucx.interfaces")),
        subnets(from),
        (int) from.number("ucx.port-offset", 30_000, 1, 65_534),
        (int) from.number("ucx.retry-seconds", 10, 0, 86_400),
        (int) from.number("ucx.keepalive-millis", 3_000, 100, 3_600_000),
        from.text("ucx.library", "libucp.so.0"));
  }

  private static List<Subnet> subnets(Values from) {
    String name = "ucx.subnets";
    try {
      List<Subnet> subnets = new ArrayList<>();
      for (String word : from.words(name)) {
        subnets.add(Subnet.parse(word));
      }
      return List.copyOf(subnets);
    } catch (IllegalArgumentException e) {
      return from.wrong(name, from.value(name), "a list of subnets such as 10.1.0.0/16", List.of());
    }
  }
}
