package io.twinport.contract;

/** The contract over the JDK's own channels: what every other transport is measured by. */
final class JdkTcpContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = new JdkTransport();

  JdkTcpContractTest() {
    super(TRANSPORT);
  }
}
