package io.twinport.contract;

/** The contract of asynchronous channels over the JDK's own. */
final class JdkTcpAsynchronousContractTest extends AsynchronousContractSuite {
  JdkTcpAsynchronousContractTest() {
    super(new JdkTransport());
  }
}
