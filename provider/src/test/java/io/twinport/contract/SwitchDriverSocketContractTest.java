package io.twinport.contract;

import io.twinport.contract.socket.SocketContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import io.twinport.inproc.InProcessProvider;
import org.junit.jupiter.api.Tag;

/** The contract of {@code java.net} over a SAN provider whose own thread brings every event. */
@Tag("on-one-jdk")
final class SwitchDriverSocketContractTest extends SocketContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(InProcessProvider.withDriver());

  SwitchDriverSocketContractTest() {
    super(TRANSPORT);
  }
}
