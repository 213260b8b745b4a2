package io.twinport.core;

import io.twinport.registry.Waiter;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;

/**
 * What the users of a {@link SwitchSocket} see of it: a channel, a socket or an asynchronous
 * channel. The SAN's targets carry it as their attachment.
 */
public interface SocketFace {
  boolean isOpen();

  boolean isBlocking();

  /** Closes the face, and by that the socket. */
  void close() throws IOException;

  /** Closes what is behind the face, which is closed, from where an Error has ended that. */
  void closeAll() throws IOException;

  /** Opens the TCP channel that takes this end's place on TCP. */
  TcpChannel openTcp() throws IOException;

  /** Whether a selector holds a key, and so the number of the descriptor. */
  default boolean isRegistered() {
    return false;
  }

  /**
   * Whether an interrupt of a thread that is blocked here closes it: so it does a channel, and in a
   * socket it does nothing.
   */
  default boolean isInterruptible() {
    return false;
  }

  /** Whether it ends its output before it closes: then what is unread leads to no reset. */
  default boolean closesBehindOutput() {
    return false;
  }

  /** From here to {@link #endInterruptible} an interrupt closes the face. */
  default void beginInterruptible() {}

  /** See {@link java.nio.channels.spi.AbstractInterruptibleChannel#end}. */
  default void endInterruptible(boolean completed) throws AsynchronousCloseException {}

  /** What selectors have to wait for is another thing now, or has happened. */
  default void changed() {}

  /**
   * Who waits for an event, READ, WRITE or CONNECT of {@link io.twinport.spi.NetworkEvent}, beside
   * threads in blocking calls; null if nobody does.
   */
  default Waiter waiter(int event) {
    return null;
  }

  /** Gives back what the face itself keeps for selectors, once none of them has a key. */
  default void released() throws IOException {}
}
