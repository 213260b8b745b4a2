package io.twinport.contract;

import org.junit.jupiter.api.Nested;

/** What {@link FullBacklogContract} asks, asked of the JDK's own channels. */
final class JdkTcpFullBacklogContractTest {
  @Nested
  class FullBacklog extends FullBacklogContract {
    FullBacklog() {
      super(new JdkTransport());
    }
  }
}
