package io.twinport.shm;

import io.twinport.contract.socket.SocketContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;

/** The contract of {@code java.net} over shared memory, client and server in one process. */
final class ShmSocketContractTest extends SocketContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.over(new ShmProvider());

  ShmSocketContractTest() {
    super(TRANSPORT);
  }
}
