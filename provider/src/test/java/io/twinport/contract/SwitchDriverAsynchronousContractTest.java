package io.twinport.contract;

import io.twinport.contract.async.AsynchronousContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import io.twinport.inproc.InProcessProvider;
import org.junit.jupiter.api.Tag;

/** The contract of asynchronous channels over a SAN provider with a thread of its own. */
@Tag("on-one-jdk")
final class SwitchDriverAsynchronousContractTest extends AsynchronousContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(InProcessProvider.withDriver());

  SwitchDriverAsynchronousContractTest() {
    super(TRANSPORT);
  }
}
