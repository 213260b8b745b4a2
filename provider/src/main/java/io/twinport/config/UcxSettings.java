package io.twinport.config;

import java.util.List;

/**
 * What the user has set for the provider {@code ucx}; each is {@code twinport.ucx.<name>}.
 *
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
public record UcxSettings(
    Transport transport,
    List<String> interfaces,
    List<Subnet> subnets,
    int portOffset,
    int retrySeconds,
    int keepaliveMillis,
    String library) {
  /** What carries the bytes. */
  public enum Transport {
    /** RDMA devices. */
    RDMA,
    /** The kernel's TCP, through UCX: for tests on machines without such devices. */
    TCP
  }
}
