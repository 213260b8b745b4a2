package io.twinport.shm;

import io.twinport.contract.SocketContractSuite;
import io.twinport.contract.SwitchTransport;
import io.twinport.contract.Transport;

/** The contract of {@code java.net} over shared memory, client and server in one process. */
final class ShmSocketContractTest extends SocketContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(new ShmProvider());

  ShmSocketContractTest() {
    super(TRANSPORT);
  }
}
