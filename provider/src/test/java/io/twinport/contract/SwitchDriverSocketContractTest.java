package io.twinport.contract;

import io.twinport.contract.socket.SocketContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import io.twinport.inproc.InProcessProvider;

/** The contract of {@code java.net} over a SAN provider whose own thread brings every event. */
final class SwitchDriverSocketContractTest extends SocketContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(InProcessProvider.withDriver());

  SwitchDriverSocketContractTest() {
    super(TRANSPORT);
  }
}
