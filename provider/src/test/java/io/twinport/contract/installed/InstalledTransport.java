package io.twinport.contract.installed;

import io.twinport.contract.support.Transport;
import java.nio.channels.spi.SelectorProvider;

/**
 * What every program of this JVM gets: the JDK's own channels, or those that an agent installed.
 */
public final class InstalledTransport implements Transport {
  private final boolean san;

  /**
   * Names what is installed.
   *
   * @param san whether connections are expected on a SAN
   */
  public InstalledTransport(boolean san) {
    this.san = san;
  }

  @Override
  public String name() {
    return "installed";
  }

  @Override
  public SelectorProvider provider() {
    return SelectorProvider.provider();
  }

  @Override
  public boolean san() {
    return san;
  }

  @Override
  public boolean fullTwinsSendToTcp() {
    return san && "tcp".equals(System.getProperty("twinport.backlog-full"));
  }
}
