package io.twinport.agent.management;

import io.twinport.agent.metrics.Numbers;
import io.twinport.core.Switch;
import io.twinport.registry.Registry;
import java.util.Map;
import java.util.TreeMap;

/** Looks at the registry each time. */
final class SwitchBean implements SwitchMXBean {
  private final Registry registry;

  SwitchBean(Registry registry) {
    this.registry = registry;
  }

  private Numbers now() {
    return Numbers.of(registry);
  }

  private long counter(String name) {
    return registry.counters().getOrDefault(name, 0L);
  }

  @Override
  public String getVersion() {
    return SwitchBean.class.getPackage().getImplementationVersion();
  }

  @Override
  public String[] getProviders() {
    return Switch.configuredProviders().toArray(String[]::new);
  }

  @Override
  public int getTwins() {
    return now().twins();
  }

  @Override
  public int getListenersOnTcp() {
    return now().listenersOnTcp();
  }

  @Override
  public Map<String, ListenerNumbers> getListeners() {
    Map<String, ListenerNumbers> found = new TreeMap<>();
    for (Registry.Listener each : registry.listeners()) {
      ListenerNumbers numbers = ListenerNumbers.of(each);
      found.merge(numbers.getLocal(), numbers, ListenerNumbers::plus);
    }
    return found;
  }

  @Override
  public long getOpenSanConnections() {
    return open() - getOpenTcpConnections();
  }

  private long open() {
    return registry.connections().size();
  }

  @Override
  public long getOpenTcpConnections() {
    return registry.connections().stream().filter(connection -> !connection.san()).count();
  }

  @Override
  public long getSanAccepted() {
    return counter("san.accepted");
  }

  @Override
  public long getSanConnected() {
    return counter("san.connected");
  }

  @Override
  public long getSanRefused() {
    return counter("san.refused");
  }

  @Override
  public long getRefusedAtListeners() {
    return registry.events().refusedAtListeners();
  }

  @Override
  public Map<String, Long> getTcpByReason() {
    return now().tcpByReason();
  }

  @Override
  public Map<String, Long> getFallbacksByReason() {
    return now().fallbacksByReason();
  }

  @Override
  public long getProviderFailures() {
    return registry.events().providerFailures();
  }

  @Override
  public long getEventsDropped() {
    return registry.events().dropped();
  }
}
