package io.twinport.contract;

import io.twinport.inproc.InProcessProvider;
import java.util.Map;

/** Full backlogs over the switch and a SAN provider within this process. */
final class SwitchFullBacklogContractTest extends FullBacklogContractSuite {
  private static final Transport TRANSPORT =
      SwitchTransport.over(new InProcessProvider(), Map.of("backlog-full", "tcp"));

  SwitchFullBacklogContractTest() {
    super(TRANSPORT);
  }
}
