package io.twinport.contract;

import io.twinport.contract.san.FullBacklogContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import io.twinport.inproc.InProcessProvider;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** Full backlogs over the switch and a SAN provider within this process. */
@Tag("installed-too")
final class SwitchFullBacklogContractTest extends FullBacklogContractSuite {
  private static final Transport TRANSPORT =
      SwitchTransport.over(new InProcessProvider(), Map.of("backlog-full", "tcp"));

  SwitchFullBacklogContractTest() {
    super(TRANSPORT);
  }
}
