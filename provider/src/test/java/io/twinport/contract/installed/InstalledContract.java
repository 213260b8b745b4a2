package io.twinport.contract.installed;

import io.twinport.contract.channel.ChannelContractSuite;
import io.twinport.contract.channel.selector.ConcurrencyContract;
import io.twinport.contract.channel.selector.MixedPeersContract;
import io.twinport.contract.channel.selector.SelectorActionContract;
import io.twinport.contract.channel.selector.SelectorContract;
import io.twinport.contract.channel.selector.SelectorWakeupContract;
import io.twinport.contract.peer.OtherJvm;
import io.twinport.contract.peer.TwoJvms;
import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Transport;
import java.util.List;
import org.junit.jupiter.api.Nested;

/**
 * The contract over whatever channels this JVM has installed, to be run in JVMs with and without
 * the agent: by default both ends are in this JVM, with {@code contract.two-jvms=true} one of them
 * is in another. That one is on another host, {@code contract.there}, seen from {@code
 * contract.here}, if {@code contract.through} names the command that starts others there.
 */
final class InstalledContract extends ChannelContractSuite {
  /** Whether connections are expected on the SAN, {@code contract.san}. */
  private static final boolean SAN = Boolean.getBoolean("contract.san");

  private static final boolean TWO_JVMS = Boolean.getBoolean("contract.two-jvms");

  static final Transport TRANSPORT = transport();

  private static Transport transport() {
    Transport here = new InstalledTransport(SAN);
    return TWO_JVMS ? TwoJvms.of(here, OtherJvm.start(hosts())) : here;
  }

  private static OtherJvm.Hosts hosts() {
    String through = System.getProperty("contract.through");
    return through == null
        ? null
        : new OtherJvm.Hosts(
            Addresses.of(System.getProperty("contract.here")),
            Addresses.of(System.getProperty("contract.there")),
            List.of(through.split(" ", -1)));
  }

  InstalledContract() {
    super(TRANSPORT);
  }

  @Nested
  class SelectorFromTheAcceptedEnd extends SelectorContract {
    SelectorFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class SelectorWakeupFromTheAcceptedEnd extends SelectorWakeupContract {
    SelectorWakeupFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class SelectorActionFromTheAcceptedEnd extends SelectorActionContract {
    SelectorActionFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class ConcurrencyFromTheAcceptedEnd extends ConcurrencyContract {
    ConcurrencyFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class MixedPeersFromTheAcceptedEnd extends MixedPeersContract {
    MixedPeersFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }
}
