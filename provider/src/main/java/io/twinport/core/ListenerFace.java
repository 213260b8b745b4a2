package io.twinport.core;

import io.twinport.registry.Waiter;
import io.twinport.spi.SanConnection;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.SocketOption;
import java.util.Map;
import java.util.Set;

/**
 * What a {@link SwitchListener} needs of a server channel or server socket: its TCP side, and what
 * becomes of its arrivals. A server socket may be lost while its listener is still to be closed, so
 * its face knows nothing of it.
 *
 * @param <T> what is accepted
 */
public interface ListenerFace<T> {
  /** The listening TCP socket. */
  FileDescriptor descriptor();

  /** Takes an arrival from TCP, or returns null. Never blocks. */
  T acceptTcp() throws IOException;

  /** Makes what the application gets of a connection on the SAN. */
  T acceptSan(SanConnection connection, Map<SocketOption<?>, Object> inherited) throws IOException;

  /** Ends the TCP side, behind the SAN's. May be called again. */
  void closeTcp() throws IOException;

  /** Ends what is left, whatever has become of the two sides. May be called again. */
  default void closed() {}

  /** What is to be looked at has become another thing: there are listeners on the SAN, or none. */
  default void changed() throws IOException {}

  /** Who waits to accept, beside a thread in a blocking call; null if nobody does. */
  default Waiter waiter() {
    return null;
  }

  // -- Options of the TCP socket

  Set<SocketOption<?>> supportedOptions();

  <V> V getOption(SocketOption<V> name) throws IOException;
}
