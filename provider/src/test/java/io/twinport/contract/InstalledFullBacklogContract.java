package io.twinport.contract;

/** As {@link InstalledContract}, to be run with {@code twinport.backlog-full=tcp}. */
final class InstalledFullBacklogContract extends FullBacklogContractSuite {
  InstalledFullBacklogContract() {
    super(InstalledContract.TRANSPORT);
  }
}
