package io.twinport.nio;

import io.twinport.spi.Reason;
import java.net.InetSocketAddress;

/** A server channel or server socket, as the {@link Registry} knows it. */
interface RegisteredListener extends Registered {
  boolean isOpen();

  /** The local address, also after closing; null before it is bound. */
  InetSocketAddress localAddress();

  /** What takes its arrivals. */
  Acceptor<?> acceptor();

  default boolean hasTwin() {
    return !acceptor().listeners().isEmpty();
  }

  /** Sends new clients to TCP for a reason, or takes them again (null). */
  default void refuse(Reason why) {
    acceptor().listeners().refuse(why);
  }
}
