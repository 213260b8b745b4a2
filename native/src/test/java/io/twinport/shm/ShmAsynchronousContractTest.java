package io.twinport.shm;

import io.twinport.contract.AsynchronousContractSuite;
import io.twinport.contract.SwitchTransport;
import io.twinport.contract.Transport;

/** The contract of asynchronous channels over the switch and shared memory. */
final class ShmAsynchronousContractTest extends AsynchronousContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(new ShmProvider());

  ShmAsynchronousContractTest() {
    super(TRANSPORT);
  }
}
