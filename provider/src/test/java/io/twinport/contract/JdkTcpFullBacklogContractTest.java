package io.twinport.contract;

import io.twinport.contract.san.FullBacklogContract;
import io.twinport.contract.support.JdkTransport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** What {@link FullBacklogContract} asks, asked of the JDK's own channels. */
@Tag("installed-too")
final class JdkTcpFullBacklogContractTest {
  @Nested
  class FullBacklog extends FullBacklogContract {
    FullBacklog() {
      super(new JdkTransport());
    }
  }
}
