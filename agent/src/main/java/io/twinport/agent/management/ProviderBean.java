package io.twinport.agent.management;

import io.twinport.agent.metrics.Numbers;
import io.twinport.core.Switch;
import io.twinport.registry.Registry;

/** Looks at the registry each time. */
final class ProviderBean implements ProviderMXBean {
  private final String name;
  private final Registry registry;

  ProviderBean(String name, Registry registry) {
    this.name = name;
    this.registry = registry;
  }

  /** What is open on it now, or null if nothing is. */
  private Numbers.Path path() {
    return Numbers.of(registry).paths().get(name);
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public String getDescription() {
    return Switch.describeProviders().getOrDefault(name, "");
  }

  @Override
  public long getTwins() {
    return registry.listeners().stream().filter(one -> one.providers().contains(name)).count();
  }

  @Override
  public long getOpenConnections() {
    Numbers.Path path = path();
    return path == null ? 0 : path.accepted() + path.connected();
  }

  @Override
  public long getReceiveQueueBytes() {
    Numbers.Path path = path();
    return path == null ? 0 : path.receiveQueueBytes();
  }

  @Override
  public long getSendQueueBytes() {
    Numbers.Path path = path();
    return path == null ? 0 : path.sendQueueBytes();
  }
}
