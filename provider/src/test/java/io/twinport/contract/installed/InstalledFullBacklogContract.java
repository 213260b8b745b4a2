package io.twinport.contract.installed;

import io.twinport.contract.san.FullBacklogContractSuite;

/** As {@link InstalledContract}, to be run with {@code twinport.backlog-full=tcp}. */
final class InstalledFullBacklogContract extends FullBacklogContractSuite {
  InstalledFullBacklogContract() {
    super(InstalledContract.TRANSPORT);
  }
}
