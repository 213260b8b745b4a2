package io.twinport.contract;

import io.twinport.config.Settings;
import io.twinport.nio.TwinSelectorProvider;
import io.twinport.spi.SanProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;

/** The switch, with or without a SAN service provider below it. */
public final class SwitchTransport implements Transport {
  private final String name;
  private final SelectorProvider provider;
  private final boolean san;

  private SwitchTransport(String name, SelectorProvider provider, boolean san) {
    this.name = name;
    this.provider = provider;
    this.san = san;
  }

  /** The switch with no provider: all is TCP. */
  public static SwitchTransport overTcp() {
    Settings settings = Settings.of(Map.of("providers", "none"));
    return new SwitchTransport("switch-tcp", TwinSelectorProvider.of(settings), false);
  }

  /** The switch over {@code san}, and TCP for whoever is not on it. */
  public static SwitchTransport over(SanProvider san) {
    Settings settings = Settings.of(Map.of("providers", san.name()));
    return new SwitchTransport(
        "switch-" + san.name(), TwinSelectorProvider.of(settings, san), true);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public SelectorProvider provider() {
    return provider;
  }

  @Override
  public boolean san() {
    return san;
  }
}
