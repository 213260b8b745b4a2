package io.twinport.shm;

import io.twinport.contract.ChannelContractSuite;
import io.twinport.contract.SanPathContract;
import io.twinport.contract.SwitchTransport;
import io.twinport.contract.Transport;
import org.junit.jupiter.api.Nested;

/** The contract over the switch and shared memory, client and server in one process. */
final class ShmContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(new ShmProvider());

  ShmContractTest() {
    super(TRANSPORT);
  }

  @Nested
  class SanPath extends SanPathContract {
    SanPath() {
      super(TRANSPORT);
    }
  }
}
