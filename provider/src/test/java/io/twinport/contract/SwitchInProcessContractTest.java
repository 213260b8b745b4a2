package io.twinport.contract;

import io.twinport.contract.channel.ChannelContractSuite;
import io.twinport.contract.san.SanPathContract;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import io.twinport.inproc.InProcessProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The contract over the switch and a SAN provider within this process. */
@Tag("without-driver")
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
