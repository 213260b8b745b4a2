package io.twinport.contract;

import org.junit.jupiter.api.Nested;

/** The contract over the JDK's own channels: what every other transport is measured by. */
final class JdkTcpContractTest {
  private static final Transport TRANSPORT = new JdkTransport();

  @Nested
  class Connect extends ConnectContract {
    Connect() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Bind extends BindContract {
    Bind() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Accept extends AcceptContract {
    Accept() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Close extends CloseContract {
    Close() {
      super(TRANSPORT);
    }
  }
}
