package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.twinport.support.SwitchFixture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.security.Permission;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import sun.nio.ch.DefaultSelectorProvider;

/** A security manager may keep the host's addresses from those who may not connect there. */
@Timeout(20)
@EnabledForJreRange(max = JRE.JAVA_17, disabledReason = "later JDKs allow no security manager")
@SuppressWarnings("removal")
final class RevealedAddressTest extends SwitchFixture {
  private static final String OTHER = "127.0.0.2";

  private static final class KeepsAddresses extends SecurityManager {
    @Override
    public void checkPermission(Permission permission) {
      // Everything else may be done.
    }

    @Override
    public void checkConnect(String host, int port) {
      if (port == -1 && host.equals(OTHER)) {
        throw new SecurityException("not to be known");
      }
    }
  }

  @Test
  void localAddressesAreKeptAsTheJdkKeepsThem() throws Exception {
    assertEquals(told(DefaultSelectorProvider.get()), told(provider));
  }

  @Test
  void theTwinListensWhereTcpListens() throws Exception {
    System.setSecurityManager(new KeepsAddresses());
    InetSocketAddress bound;
    try {
      TwinServerSocketChannel listener =
          (TwinServerSocketChannel) closing(provider.openServerSocketChannel());
      listener.bind(new InetSocketAddress(InetAddress.getByName(OTHER), 0));
      bound = listener.localAddress();
    } finally {
      System.setSecurityManager(null);
    }
    assertEquals(OTHER, bound.getAddress().getHostAddress());
  }

  private List<String> told(SelectorProvider channels) throws Exception {
    List<String> told = new ArrayList<>();
    ServerSocketChannel listener = closing(channels.openServerSocketChannel());
    listener.bind(new InetSocketAddress(InetAddress.getByName(OTHER), 0));
    SocketChannel client = closing(channels.openSocketChannel());
    client.bind(new InetSocketAddress(InetAddress.getByName(OTHER), 0));
    client.connect(listener.getLocalAddress());
    SocketChannel accepted = closing(listener.accept());
    System.setSecurityManager(new KeepsAddresses());
    try {
      told.add("listener " + listener.getLocalAddress());
      told.add("listener's socket " + listener.socket().getInetAddress());
      told.add("listener's socket at " + listener.socket().getLocalSocketAddress());
      for (SocketChannel end : List.of(client, accepted)) {
        told.add("local " + end.getLocalAddress());
        told.add("remote " + end.getRemoteAddress());
        told.add("text " + end);
        told.add("socket " + end.socket().getLocalAddress());
        told.add("socket at " + end.socket().getLocalSocketAddress());
      }
    } finally {
      System.setSecurityManager(null);
    }
    String one = String.valueOf(((InetSocketAddress) listener.getLocalAddress()).getPort());
    String other = String.valueOf(((InetSocketAddress) client.getLocalAddress()).getPort());
    told.replaceAll(text -> text.replace(one, "LISTENER").replace(other, "CLIENT"));
    assertFalse(told.get(0).contains(OTHER));
    return told;
  }
}
