package io.twinport.ucx;

import io.twinport.contract.socket.SocketContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Tag;

/** The contract of {@code java.net} over the connections of this package and pipes in memory. */
@Tag("pipes")
final class PipeSocketContractTest extends SocketContractSuite {
  private static final Transport TRANSPORT =
      SwitchTransport.over(new PipeProvider(MemoryDriver.calm(), MemoryDriver.calm()));

  PipeSocketContractTest() {
    super(TRANSPORT);
  }
}
