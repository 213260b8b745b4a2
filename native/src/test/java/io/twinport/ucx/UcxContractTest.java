package io.twinport.ucx;

import io.twinport.contract.ChannelContractSuite;
import io.twinport.contract.Transport;

/** The contract over the switch and UCX, client and server in one process. */
final class UcxContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = UcxOverTcp.transport();

  UcxContractTest() {
    super(TRANSPORT);
  }
}
