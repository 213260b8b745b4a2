package io.twinport.ucx;

import io.twinport.contract.channel.ChannelContractSuite;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Tag;

/**
 * The contract over the switch and UCX, client and server in one process. Not part of every build,
 * which has it with the two on two hosts: here the descriptors of both ends are counted, and
 * listeners over TCP keep theirs for two minutes after they are closed, so {@code
 * roundsOfListenAndClose} and {@code blockedThreadsOfManyConnections} can't pass.
 */
@Tag("by-hand")
final class UcxContractTest extends ChannelContractSuite {
  private static final Transport TRANSPORT = UcxOverTcp.transport();

  UcxContractTest() {
    super(TRANSPORT);
  }
}
