package io.twinport.hooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.core.Switch;
import io.twinport.jdk.Shim;
import io.twinport.net.SocketImpls;
import io.twinport.settings.Settings;
import java.lang.reflect.Constructor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketImpl;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanHooks;

/** What the JDK's factories get when they ask; nobody transforms them here. */
class HooksTest {
  private final List<Throwable> failures = new ArrayList<>();

  @BeforeEach
  void listen() throws Exception {
    assertTrue(Shim.CORE.isLinked());
    Hooks.install();
    SanHooks.onFailure(failures::add);
  }

  @AfterEach
  void reset() {
    SanHooks.onSocketImpl(null);
    SanHooks.onFailure(null);
  }

  @Test
  void aHookThatIsNotSetAnswersNothing() {
    SanHooks.onSocketImpl(null);
    assertNull(SanHooks.socketImpl(false));
  }

  @Test
  void aHookIsToldWhetherAListenerIsWanted() {
    List<Boolean> asked = new ArrayList<>();
    SocketImpl answer = SanAccess.noSocketImpl();
    SanHooks.onSocketImpl(
        server -> {
          asked.add(server);
          return answer;
        });
    assertSame(answer, SanHooks.socketImpl(true));
    assertSame(answer, SanHooks.socketImpl(false));
    assertEquals(List.of(true, false), asked);
  }

  @Test
  void aHookThatFailsAnswersNothingAndIsTold() {
    LinkageError failure = new LinkageError("no such thing");
    SanHooks.onSocketImpl(
        server -> {
          throw failure;
        });
    assertNull(SanHooks.socketImpl(true));
    assertEquals(List.of(failure), failures);
  }

  /** The look for a proxy fails there, which the JDK has to tell in its own way. */
  @Test
  void anAddressThatNoUriCanNameIsLeftToTheJdk() throws Exception {
    SocketImpl ours = SocketImpls.make(Switch.of(Settings.of(Map.of())), false);
    Constructor<?> socks =
        Class.forName("java.net.SocksSocketImpl").getDeclaredConstructor(SocketImpl.class);
    socks.setAccessible(true);
    SocketImpl behindSocks = (SocketImpl) socks.newInstance(ours);
    byte[] loopback = {127, 0, 0, 1};
    InetAddress named = InetAddress.getByAddress("/name", loopback);
    assertFalse(SanHooks.connect(behindSocks, new InetSocketAddress(named, 9), 0));
  }

  @Test
  void whatAHookItselfAsksForIsTheJdksOwn() {
    List<SocketImpl> inside = new ArrayList<>();
    SocketImpl answer = SanAccess.noSocketImpl();
    SanHooks.onSocketImpl(
        server -> {
          inside.add(SanHooks.socketImpl(server));
          return answer;
        });
    assertSame(answer, SanHooks.socketImpl(true));
    assertNull(inside.get(0));
    assertSame(answer, SanHooks.socketImpl(true), "and the next one is not");
  }
}
