package io.twinport.contract.installed;

import io.twinport.contract.san.SanPathContract;
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
