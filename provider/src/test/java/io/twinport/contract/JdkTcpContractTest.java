package io.twinport.contract;

import io.twinport.contract.channel.ChannelContractSuite;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Tag;

/** The contract over the JDK's own channels: what every other transport is measured by. */
@Tag("installed-too")
final class JdkTcpContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = new JdkTransport();

  JdkTcpContractTest() {
    super(TRANSPORT);
  }
}
