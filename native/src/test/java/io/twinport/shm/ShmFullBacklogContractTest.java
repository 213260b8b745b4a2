package io.twinport.shm;

import io.twinport.contract.san.FullBacklogContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import java.util.Map;

/** Full backlogs over the switch and shared memory, client and server in one process. */
final class ShmFullBacklogContractTest extends FullBacklogContractSuite {
  private static final Transport TRANSPORT =
      SwitchTransport.over(new ShmProvider(), Map.of("backlog-full", "tcp"));

  ShmFullBacklogContractTest() {
    super(TRANSPORT);
  }
}
