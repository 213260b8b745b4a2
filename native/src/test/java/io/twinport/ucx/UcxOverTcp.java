package io.twinport.ucx;

import io.twinport.contract.support.SwitchTransport;
import java.util.Map;

/** The provider over UCX's TCP on loopback: no device and no second host. */
final class UcxOverTcp {
  /**
   * A connect takes milliseconds here, but on a busy machine with client and server in one process
   * it may take a hundred: then it would go on over TCP, and these tests are about UCX.
   */
  static final Map<String, String> SETTINGS =
      Map.of(
          "ucx.transport", "tcp",
          "ucx.interfaces", "lo",
          "ucx.retry-seconds", "0",
          "connect-millis", "10000");

  private UcxOverTcp() {}

  static SwitchTransport transport() {
    return SwitchTransport.over(new UcxProvider(), SETTINGS);
  }
}
