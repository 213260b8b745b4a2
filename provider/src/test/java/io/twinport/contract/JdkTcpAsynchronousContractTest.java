package io.twinport.contract;

import io.twinport.contract.async.AsynchronousContractSuite;
import io.twinport.contract.support.JdkTransport;
import org.junit.jupiter.api.Tag;

/** The contract of asynchronous channels over the JDK's own. */
@Tag("installed-too")
final class JdkTcpAsynchronousContractTest extends AsynchronousContractSuite {
  JdkTcpAsynchronousContractTest() {
    super(new JdkTransport());
  }
}
