package io.twinport.contract;

import io.twinport.contract.async.AsynchronousContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import io.twinport.inproc.InProcessProvider;
import org.junit.jupiter.api.Tag;

/** The contract of asynchronous channels over the switch and a SAN within this process. */
@Tag("without-driver")
final class SwitchInProcessAsynchronousContractTest extends AsynchronousContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(new InProcessProvider());

  SwitchInProcessAsynchronousContractTest() {
    super(TRANSPORT);
  }
}
