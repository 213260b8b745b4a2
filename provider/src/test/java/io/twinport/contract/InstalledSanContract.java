package io.twinport.contract;

import org.junit.jupiter.api.Nested;

/** What has to hold besides {@link InstalledContract} where an agent has installed a SAN. */
final class InstalledSanContract {
  @Nested
  class SanPath extends SanPathContract {
    SanPath() {
      super(InstalledContract.TRANSPORT);
    }
  }

  @Nested
  class SanPathFromTheAcceptedEnd extends SanPathContract {
    SanPathFromTheAcceptedEnd() {
      super(InstalledContract.TRANSPORT.fromAcceptedEnd());
    }
  }
}
