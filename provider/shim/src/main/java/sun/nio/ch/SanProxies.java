package sun.nio.ch;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.SocketImpl;
import sun.net.NetProperties;
import sun.net.spi.DefaultProxySelector;

/**
 * Connects our sockets without the JDK's look for a proxy, where that look can only end in the
 * answer that there is none: it takes as long as the connect itself.
 */
final class SanProxies {
  /**
   * The socket that {@code SocksSocketImpl} stands in front of; null if the JDK has another way.
   */
  private static final VarHandle DELEGATE;

  /** The proxy that the application has given to the socket. */
  private static final VarHandle SERVER;

  static {
    VarHandle delegate = null;
    VarHandle server = null;
    try {
      MethodHandles.Lookup here = MethodHandles.lookup();
      Class<?> delegating = Class.forName("java.net.DelegatingSocketImpl");
      Class<?> socks = Class.forName("java.net.SocksSocketImpl");
      server =
          MethodHandles.privateLookupIn(socks, here).findVarHandle(socks, "server", String.class);
      delegate =
          MethodHandles.privateLookupIn(delegating, here)
              .findVarHandle(delegating, "delegate", SocketImpl.class);
    } catch (ReflectiveOperationException | RuntimeException e) {
      // Another JDK, or a security manager that is in the way: the JDK's own way stays.
      server = null;
    }
    DELEGATE = delegate;
    SERVER = server;
  }

  private SanProxies() {}

  /**
   * Connects {@code proxied}, a {@code SocksSocketImpl}, if there is one of ours behind it that
   * needs no proxy.
   *
   * @return whether it was, and is connected
   */
  static boolean connectDirectly(SocketImpl proxied, SocketAddress remote, int millis)
      throws IOException {
    if (DELEGATE == null
        || !(DELEGATE.get(proxied) instanceof SanSocketImpl ours)
        || SERVER.get(proxied) != null
        || !(remote instanceof InetSocketAddress resolved)
        || resolved.isUnresolved()
        || resolved.getHostString().startsWith("/") // Where a URI's host would be: the look fails.
        || !selectorSaysDirect()) {
      return false;
    }
    ours.connectDirectly(resolved, millis);
    return true;
  }

  /** Whether there is no proxy for any address, by the settings that the JDK's selector reads. */
  @SuppressWarnings("removal") // Security managers are there to the end of JDK 23.
  private static boolean selectorSaysDirect() {
    if (System.getSecurityManager() != null) {
      return false; // It is asked before the selector is.
    }
    ProxySelector selector = ProxySelector.getDefault();
    if (selector == null) {
      return true;
    }
    if (selector.getClass() != DefaultProxySelector.class
        || (NetProperties.get("java.net.useSystemProxies") != null
            && NetProperties.getBoolean("java.net.useSystemProxies"))) {
      return false;
    }
    String proxy = NetProperties.get("socksProxyHost");
    return proxy == null || proxy.isEmpty();
  }
}
