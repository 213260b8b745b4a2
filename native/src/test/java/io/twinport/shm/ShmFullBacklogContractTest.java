package io.twinport.shm;

import io.twinport.contract.FullBacklogContractSuite;
import io.twinport.contract.SwitchTransport;
import io.twinport.contract.Transport;
import java.util.Map;

/** Full backlogs over the switch and shared memory, client and server in one process. */
final class ShmFullBacklogContractTest extends FullBacklogContractSuite {
  private static final Transport TRANSPORT =
      SwitchTransport.over(new ShmProvider(), Map.of("backlog-full", "tcp"));

  ShmFullBacklogContractTest() {
    super(TRANSPORT);
  }
}
