package io.twinport.spi;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may connect to a listener (Winsock's condition function). Asked before a peer is told
 * anything: for each of its requests, or once for each peer process and destination address; must
 * not block.
 */
@FunctionalInterface
public interface AcceptCondition {
  /**
   * @param destination the concrete local address the peer wants, never the wildcard
   * @return null to accept, or the reason why the peer has to use TCP
   */
  @Nullable Reason check(InetSocketAddress destination);

  /**
   * Whether a client may have an address: no client of this process that uses TCP has it now. Asked
   * for each request that is not sent to TCP by {@link #check}; must not block.
   *
   * @param remote the address that the client's end would have
   */
  default boolean isFree(InetSocketAddress remote) {
    return true;
  }

  /**
   * A request has found the queue full. Only to be told of; must not block, and throws nothing.
   *
   * @param remote the address that the client's end would have
   * @param reason why the client has to use TCP; null if it was refused
   */
  default void backlogFull(InetSocketAddress remote, @Nullable Reason reason) {}
}
