package io.twinport.contract;

/** The contract of {@code java.net} over the switch with no SAN provider. */
final class SwitchTcpSocketContractTest extends SocketContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.overTcp();

  SwitchTcpSocketContractTest() {
    super(TRANSPORT);
  }
}
