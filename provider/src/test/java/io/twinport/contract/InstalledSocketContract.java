package io.twinport.contract;

/** As {@link InstalledContract}, for the sockets of {@code java.net}. */
final class InstalledSocketContract extends SocketContractSuite {
  InstalledSocketContract() {
    super(InstalledContract.TRANSPORT);
  }
}
