package io.twinport.nio;

import io.twinport.config.Rules;
import io.twinport.config.Settings;
import io.twinport.spi.SanProvider;
import java.util.function.Supplier;

/** What all channels and selectors of one {@link TwinSelectorProvider} share. */
final class Switch {
  private final Settings settings;
  private final Rules rules;
  private final Providers providers;
  final Registry registry; // Where no stack may be left for a call.
  private final WaitPolicy waitPolicy;

  Switch(Settings settings, Supplier<? extends Iterable<SanProvider>> source, Registry registry) {
    this.settings = settings;
    this.rules = Rules.parse(settings.rules());
    this.providers = new Providers(settings, source);
    this.registry = registry;
    this.waitPolicy = new WaitPolicy(settings, providers);
  }

  Settings settings() {
    return settings;
  }

  Rules rules() {
    return rules;
  }

  Providers providers() {
    return providers;
  }

  Registry registry() {
    return registry;
  }

  WaitPolicy waitPolicy() {
    return waitPolicy;
  }
}
