package io.twinport.contract;

/** The contract of {@code java.net} over the JDK's own sockets. */
final class JdkTcpSocketContractTest extends SocketContractSuite {
  JdkTcpSocketContractTest() {
    super(new JdkTransport());
  }
}
