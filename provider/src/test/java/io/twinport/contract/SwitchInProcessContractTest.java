package io.twinport.contract;

import io.twinport.inproc.InProcessProvider;
import org.junit.jupiter.api.Nested;

/** The contract over the switch and a SAN provider within this process. */
final class SwitchInProcessContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(new InProcessProvider());

  SwitchInProcessContractTest() {
    super(TRANSPORT);
  }

  @Nested
  class SanPath extends SanPathContract {
    SanPath() {
      super(TRANSPORT);
    }
  }
}
