package io.twinport.ucx;

import io.twinport.contract.ChannelContractSuite;
import io.twinport.contract.Transport;
import org.junit.jupiter.api.Tag;

/** The contract over the switch and UCX, client and server in one process. */
@Tag("on-one-jdk")
final class UcxContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = UcxOverTcp.transport();

  UcxContractTest() {
    super(TRANSPORT);
  }
}
