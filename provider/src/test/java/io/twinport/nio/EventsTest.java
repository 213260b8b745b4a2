package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.registry.Events;
import io.twinport.registry.PathEvent;
import io.twinport.registry.PathObserver;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import io.twinport.support.BrokenProvider;
import io.twinport.support.IdleProvider;
import io.twinport.support.SwitchFixture;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sun.nio.ch.DefaultSelectorProvider;

/** What is an event, and what only counts. */
@Timeout(20)
final class EventsTest extends SwitchFixture {
  private Events events() {
    return provider.owner().registry().events();
  }

  private static <T> T only(List<T> all) {
    assertEquals(1, all.size(), all::toString);
    return all.get(0);
  }

  private ServerSocketChannel plainListener() throws IOException {
    ServerSocketChannel plain = closing(DefaultSelectorProvider.get().openServerSocketChannel());
    plain.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return plain;
  }

  @Test
  void aConnectThatFallsBackIsAnEvent() throws IOException {
    long before = System.currentTimeMillis();
    ServerSocketChannel plain = plainListener();
    connect(plain);
    connect(plain);
    PathEvent event = only(events().since(0));
    assertEquals(PathEvent.Kind.FALLBACK, event.kind());
    assertEquals(Reason.NO_TWIN, event.reason());
    assertEquals(plain.getLocalAddress(), event.peer());
    assertNull(event.local());
    assertEquals(2, event.times());
    assertTrue(event.firstMillis() >= before && event.lastMillis() >= event.firstMillis());
    assertEquals(2, events().fallbacks(Reason.NO_TWIN));
  }

  @Test
  void aPlainTcpClientIsNone() throws IOException {
    ServerSocketChannel listener = listen();
    closing(DefaultSelectorProvider.get().openSocketChannel()).connect(listener.getLocalAddress());
    closing(listener.accept());
    assertEquals(List.of(), events().since(0));
    assertEquals(1, provider.owner().registry().counters().get("tcp.client-used-tcp"));
  }

  @Test
  void aConnectOverTheSanIsNone() throws IOException {
    ServerSocketChannel listener = listen();
    connect(listener);
    closing(listener.accept());
    assertEquals(List.of(), events().since(0));
  }

  @Test
  void aDestinationThatNoProviderReachesIsNone() throws IOException {
    provider = provider(Map.of("providers", "idle"), new IdleProvider("idle") {});
    connect(plainListener());
    assertEquals(List.of(), events().since(0));
    assertEquals(1, provider.owner().registry().counters().get("tcp.not-local"));
  }

  @Test
  void whereNoProviderIsWantedThereIsNone() throws IOException {
    provider = provider(Map.of("providers", "none"));
    connect(plainListener());
    assertEquals(List.of(), events().since(0));
  }

  @Test
  void aRefusalIsAnEventAtBothEnds() throws IOException {
    ServerSocketChannel listener = listen(1);
    connect(listener);
    assertThrows(ConnectException.class, () -> connect(listener));
    List<PathEvent> both = events().since(0);
    assertEquals(2, both.size(), both::toString);
    PathEvent there = both.get(both.get(0).atListener() ? 0 : 1);
    PathEvent here = both.get(both.get(0).atListener() ? 1 : 0);
    assertEquals(listener.getLocalAddress(), there.local());
    assertNotNull(there.peer());
    assertEquals(listener.getLocalAddress(), here.peer());
    for (PathEvent each : both) {
      assertEquals(PathEvent.Kind.REFUSED, each.kind());
      assertEquals(Reason.BACKLOG_FULL, each.reason());
    }
    assertEquals(1, events().refusedAtListeners());
  }

  @Test
  void aRuleThatForbidsTcpRefuses() throws IOException {
    provider = provider(Map.of("rules", "use san connect * *"), san);
    ServerSocketChannel plain = plainListener();
    assertThrows(ConnectException.class, () -> connect(plain));
    PathEvent event = only(events().since(0));
    assertEquals(PathEvent.Kind.REFUSED, event.kind());
    assertEquals(Reason.NO_TWIN, event.reason());
    assertEquals("a rule requires the SAN", event.detail());
  }

  @Test
  void aProviderThatFailsIsAnEventBesideTheFallback() throws IOException {
    provider = provider(Map.of("providers", "other"), new BrokenProvider("other"));
    connect(plainListener());
    List<PathEvent> all = events().since(0);
    assertEquals(2, all.size(), all::toString);
    assertEquals(PathEvent.Kind.PROVIDER_FAILED, all.get(0).kind());
    assertEquals("other", all.get(0).provider());
    assertTrue(all.get(0).detail().endsWith("IllegalStateException: not started"));
    assertEquals(PathEvent.Kind.FALLBACK, all.get(1).kind());
    assertEquals(1, events().providerFailures());
  }

  @Test
  void aListenerWithoutItsTwinIsAnEvent() throws IOException {
    provider = provider(Map.of("providers", "other"), new BrokenProvider("other"));
    ServerSocketChannel listener = listen();
    PathEvent event =
        only(events().since(0).stream().filter(e -> e.kind() == PathEvent.Kind.FALLBACK).toList());
    assertEquals(listener.getLocalAddress(), event.local());
    assertEquals("other", event.provider());
    assertEquals(Reason.PROVIDER_FAILED, event.reason());
  }

  /** Who observes is told all, and may fail. */
  private static final class Noting implements PathObserver {
    final List<String> told = new ArrayList<>();

    @Override
    public Object connectBegins() {
      return "begun";
    }

    @Override
    public void connected(Object begun, Registry.Connection connection) {
      told.add(begun + " " + connection.provider() + " " + connection.reason());
    }

    @Override
    public boolean wantsAccepted() {
      return true;
    }

    @Override
    public void accepted(Registry.Connection connection) {
      told.add("accepted " + connection.provider() + " " + connection.reason());
    }

    @Override
    public void happened(PathEvent event) {
      told.add(event.kind().code());
      throw new OutOfMemoryError("the observer's");
    }
  }

  @Test
  void whoObservesIsToldOfBothEndsAndOfEvents() throws IOException {
    Noting noting = new Noting();
    events().observe(noting);
    ServerSocketChannel listener = listen();
    connect(listener);
    closing(listener.accept());
    closing(DefaultSelectorProvider.get().openSocketChannel()).connect(listener.getLocalAddress());
    closing(listener.accept());
    connect(plainListener());
    events().observe(null);
    connect(listener);
    assertEquals(
        List.of(
            "begun inproc null",
            "accepted inproc null",
            "accepted null CLIENT_USED_TCP",
            "fallback",
            "begun null NO_TWIN"),
        noting.told);
    assertEquals(1, events().dropped());
  }
}
