package io.twinport.contract;

import io.twinport.contract.channel.ChannelContractSuite;
import io.twinport.contract.san.SanPathContract;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import io.twinport.inproc.InProcessProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The contract over a SAN provider whose own thread brings every event, as RDMA libraries do. */
@Tag("on-one-jdk")
final class SwitchDriverContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(InProcessProvider.withDriver());

  SwitchDriverContractTest() {
    super(TRANSPORT);
  }

  @Nested
  class SanPath extends SanPathContract {
    SanPath() {
      super(TRANSPORT);
    }
  }
}
