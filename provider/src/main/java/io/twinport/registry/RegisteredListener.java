package io.twinport.registry;

import io.twinport.spi.Reason;
import java.net.InetSocketAddress;

/** A listener, as the {@link Registry} knows it. */
public interface RegisteredListener {
  /** The local address, also after it is closed; null before it is bound. */
  InetSocketAddress localAddress();

  /**
   * Describes the listener; null if it is not bound, or closed.
   *
   * @param off why no new client is to come over the SAN, or null
   */
  Registry.Listener describe(Reason off);

  /** Sends new clients to TCP for a reason, or takes them again (null). */
  void refuse(Reason why);
}
