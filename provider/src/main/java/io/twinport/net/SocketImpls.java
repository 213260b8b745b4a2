package io.twinport.net;

import io.twinport.core.Switch;
import io.twinport.jdk.Shim;
import java.net.SocketImpl;

/** Makes what is behind sockets and server sockets. */
public final class SocketImpls {
  private static final int LAST_WITH_PLAIN_SOCKETS = 17;

  /** Asked once, as the JDK does. */
  private static final boolean PLAIN_SOCKETS = usesPlainSockets();

  private SocketImpls() {}

  /**
   * What the JDK has to use behind a {@link java.net.Socket} or {@link java.net.ServerSocket}.
   *
   * @return null to use its own
   */
  public static SocketImpl make(Switch owner, boolean server) {
    if (PLAIN_SOCKETS) {
      Shim.CORE.isLinked(); // The process can be asked, whatever is behind its sockets.
      return null;
    }
    if (server) {
      Switch.aboutToListen();
    }
    return Shim.SOCKETS.isLinked() ? Sockets.make(owner, server) : null;
  }

  /** A class of its own, so that the other one links where the shim does not. */
  private static final class Sockets {
    static SocketImpl make(Switch owner, boolean server) {
      return server ? new TwinServerSocketImpl(owner) : new TwinSocketImpl(owner);
    }
  }

  /** JDK 17 still has the sockets of old behind a property. */
  private static boolean usesPlainSockets() {
    String value = System.getProperty("jdk.net.usePlainSocketImpl");
    return value != null
        && !value.equalsIgnoreCase("false")
        && Runtime.version().feature() <= LAST_WITH_PLAIN_SOCKETS;
  }
}
