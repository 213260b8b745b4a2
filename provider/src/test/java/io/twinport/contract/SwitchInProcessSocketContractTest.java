package io.twinport.contract;

import io.twinport.contract.socket.SocketContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import io.twinport.inproc.InProcessProvider;
import org.junit.jupiter.api.Tag;

/** The contract of {@code java.net} over the switch and a SAN provider within this process. */
@Tag("without-driver")
final class SwitchInProcessSocketContractTest extends SocketContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(new InProcessProvider());

  SwitchInProcessSocketContractTest() {
    super(TRANSPORT);
  }
}
