package io.twinport.contract;

import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;

/** One way to carry connections that the contract tests are run over. */
public interface Transport {
  /** A short name for messages, such as {@code jdk-tcp}. */
  String name();

  /** The provider whose channels and selectors are tested. */
  SelectorProvider provider();

  /** A concrete address of this host with port 0, for listeners whose address does not matter. */
  default InetSocketAddress bindAddress() {
    return new InetSocketAddress(Addresses.LOOPBACK4, 0);
  }

  /** Whether connections between channels of {@link #provider} go over a SAN. */
  boolean san();

  /**
   * Whether tests that look at one end of a connection look at the accepted end; otherwise at the
   * connecting one. Both ends keep the same contract.
   */
  default boolean nearEndIsAccepted() {
    return false;
  }

  /** The same transport, looked at from the accepted end. */
  default Transport fromAcceptedEnd() {
    Transport outer = this;
    return new Transport() {
      @Override
      public String name() {
        return outer.name() + "-accepted";
      }

      @Override
      public SelectorProvider provider() {
        return outer.provider();
      }

      @Override
      public InetSocketAddress bindAddress() {
        return outer.bindAddress();
      }

      @Override
      public boolean san() {
        return outer.san();
      }

      @Override
      public boolean nearEndIsAccepted() {
        return true;
      }
    };
  }
}
