package io.twinport.contract;

import io.twinport.contract.socket.SocketContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Tag;

/** The contract of {@code java.net} over the switch with no SAN provider. */
@Tag("installed-too")
final class SwitchTcpSocketContractTest extends SocketContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.overTcp();

  SwitchTcpSocketContractTest() {
    super(TRANSPORT);
  }
}
