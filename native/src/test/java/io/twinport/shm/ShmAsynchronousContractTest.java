package io.twinport.shm;

import io.twinport.contract.async.AsynchronousContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;

/** The contract of asynchronous channels over the switch and shared memory. */
final class ShmAsynchronousContractTest extends AsynchronousContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(new ShmProvider());

  ShmAsynchronousContractTest() {
    super(TRANSPORT);
  }
}
