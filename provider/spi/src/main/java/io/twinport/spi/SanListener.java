package io.twinport.spi;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A listener on the SAN: a bounded first-in-first-out queue of requests. A request that finds the
 * queue full is refused at once, without a signal. For {@link #arm}, the only event is {@link
 * NetworkEvent#ACCEPT}, and unlike a connection's, a listener's arming stays until it is replaced,
 * as WSAEventSelect's does; a null seat says that nobody waits any more.
 */
public abstract class SanListener extends SanTarget {
  /** The IP address and port, both concrete unless the listener is bound to the wildcard. */
  public abstract InetSocketAddress localAddress();

  /** The event object that is signalled when a request enters the queue. */
  public abstract SanEvent event();

  /**
   * Takes the oldest request that its client has not given up.
   *
   * @return the connection, connected, or null if the queue is empty. Never blocks.
   * @throws IOException if the listener is closed
   */
  public abstract @Nullable SanConnection accept() throws IOException;

  /** How many connections stand in the queue now, for people; 0 from providers that can't tell. */
  public int queued() {
    return 0;
  }

  /**
   * How many requests have found the queue full so far, for people; 0 from providers that can't
   * tell.
   */
  public long refused() {
    return 0;
  }

  /** How many connections the queue holds at the most; 0 from providers that can't tell. */
  public int backlog() {
    return 0;
  }

  /** How many connections were taken out of the queue so far; 0 from providers that can't tell. */
  public long accepted() {
    return 0;
  }

  /**
   * How many clients had gone before they were accepted: requests that were withdrawn, and
   * connections whose peer had closed by the time they were taken out of the queue. 0 from
   * providers that can't tell.
   */
  public long givenUp() {
    return 0;
  }

  /**
   * Accepts new requests again ({@code null}), or sends new clients to TCP for the given reason.
   * What is queued stays.
   */
  public abstract void refuse(@Nullable Reason reason);

  /** Removes the listener from the SAN and resets what is queued. Idempotent. */
  public abstract void close();
}
