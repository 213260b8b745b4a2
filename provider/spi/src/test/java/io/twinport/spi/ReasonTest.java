package io.twinport.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Other versions and users' scripts know reasons by these. */
class ReasonTest {
  private static final List<String> BY_NUMBER =
      List.of(
          "no-provider",
          "provider-failed",
          "not-local",
          "no-twin",
          "client-used-tcp",
          "rule",
          "switched-off",
          "reuse-port",
          "name-taken",
          "peer-not-allowed",
          "wire-version",
          "memory",
          "ports",
          "backlog-full",
          "timeout",
          "peer-gone",
          "bound-address",
          "foreign-selector",
          "foreign-socket",
          "descriptors");

  @Test
  void numbersAndCodesStay() {
    List<Reason> reasons = Stream.of(Reason.values()).toList();
    assertEquals(BY_NUMBER.size(), reasons.size());
    for (Reason reason : reasons) {
      assertEquals(reason.code(), BY_NUMBER.get(reason.onWire()));
      assertEquals(reason, Reason.ofWire(reason.onWire()));
    }
  }

  @Test
  void anUnknownNumberIsAReasonStill() {
    assertEquals(Reason.NO_TWIN, Reason.ofWire(-1));
    assertEquals(Reason.NO_TWIN, Reason.ofWire(BY_NUMBER.size()));
  }
}
