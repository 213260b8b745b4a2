package io.twinport.ucx;

import io.twinport.contract.channel.ChannelContractSuite;
import io.twinport.contract.san.SanPathContract;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The contract of channels over the connections of this package and pipes in memory. */
@Tag("pipes")
final class PipeContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT =
      SwitchTransport.over(new PipeProvider(MemoryDriver.calm(), MemoryDriver.calm()));

  PipeContractTest() {
    super(TRANSPORT);
  }

  @Nested
  class SanPath extends SanPathContract {
    SanPath() {
      super(TRANSPORT);
    }
  }
}
