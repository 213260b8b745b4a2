package io.twinport.contract;

import java.nio.channels.spi.SelectorProvider;

/** The JDK's own TCP channels: the oracle. */
public final class JdkTransport implements Transport {
  /** The provider of a JVM that has no other installed. */
  static final SelectorProvider PROVIDER = SelectorProvider.provider();

  @Override
  public String name() {
    return "jdk-tcp";
  }

  @Override
  public SelectorProvider provider() {
    String owner = PROVIDER.getClass().getPackageName();
    if (!owner.equals("sun.nio.ch")) {
      throw new IllegalStateException("the oracle must be the JDK's provider, not one of " + owner);
    }
    return PROVIDER;
  }

  @Override
  public boolean san() {
    return false;
  }
}
