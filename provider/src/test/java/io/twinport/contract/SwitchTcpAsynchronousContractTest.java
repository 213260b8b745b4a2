package io.twinport.contract;

/** The contract of asynchronous channels over the switch without a SAN provider. */
final class SwitchTcpAsynchronousContractTest extends AsynchronousContractSuite {
  private static final Transport TRANSPORT = SwitchTransport.overTcp();

  SwitchTcpAsynchronousContractTest() {
    super(TRANSPORT);
  }
}
