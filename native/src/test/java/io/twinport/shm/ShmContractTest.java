package io.twinport.shm;

import io.twinport.contract.channel.ChannelContractSuite;
import io.twinport.contract.san.SanPathContract;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
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
