package io.twinport.contract;

import io.twinport.contract.async.AsynchronousContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Tag;

/** The contract of asynchronous channels over the switch without a SAN provider. */
@Tag("installed-too")
final class SwitchTcpAsynchronousContractTest extends AsynchronousContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.overTcp();

  SwitchTcpAsynchronousContractTest() {
    super(TRANSPORT);
  }
}
