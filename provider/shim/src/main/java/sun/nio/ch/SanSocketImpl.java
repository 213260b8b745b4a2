package sun.nio.ch;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketImpl;
import sun.net.PlatformSocketImpl;

/**
 * What {@code java.net} takes for a socket of the platform's own: {@code ServerSocket} accepts into
 * a new one, and SOCKS and HTTP proxies may go through it.
 */
public abstract class SanSocketImpl extends SocketImpl implements PlatformSocketImpl {
  /** What {@link #connect} does, for those who may not call that. */
  final void connectDirectly(InetSocketAddress remote, int millis) throws IOException {
    connect(remote, millis);
  }

  /** Becomes what a server socket of the JDK's own accepts next. */
  protected abstract void acceptFrom(SanTcpSocket server) throws IOException;
}
