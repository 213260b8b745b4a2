package io.twinport.contract;

/** The contract over the switch with no SAN provider: TCP, and nothing else may change. */
final class SwitchTcpContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.overTcp();

  SwitchTcpContractTest() {
    super(TRANSPORT);
  }
}
