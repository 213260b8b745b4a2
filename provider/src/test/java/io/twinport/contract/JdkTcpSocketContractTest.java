package io.twinport.contract;

import org.junit.jupiter.api.Tag;

/** The contract of {@code java.net} over the JDK's own sockets. */
@Tag("installed-too")
final class JdkTcpSocketContractTest extends SocketContractSuite {
  JdkTcpSocketContractTest() {
    super(new JdkTransport());
  }
}
