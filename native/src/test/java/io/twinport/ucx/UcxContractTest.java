package io.twinport.ucx;

import io.twinport.contract.ChannelContractSuite;
import io.twinport.contract.Transport;
import org.junit.jupiter.api.Tag;

/**
 * The contract over the switch and UCX, client and server in one process. Not part of every build:
 * thousands of connects that are given up half way meet faults of UCX 1.13 over TCP, which by all
 * signs closes a descriptor twice now and then; and the listeners that stay for a while keep
 * theirs.
 */
@Tag("by-hand")
final class UcxContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = UcxOverTcp.transport();

  UcxContractTest() {
    super(TRANSPORT);
  }
}
