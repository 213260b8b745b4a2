package io.twinport.contract;

import io.twinport.contract.channel.ChannelContractSuite;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Tag;

/** The contract over the switch with no SAN provider: TCP, and nothing else may change. */
@Tag("installed-too")
final class SwitchTcpContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.overTcp();

  SwitchTcpContractTest() {
    super(TRANSPORT);
  }
}
