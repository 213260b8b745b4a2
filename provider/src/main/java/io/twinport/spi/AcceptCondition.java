package io.twinport.spi;

import java.net.InetSocketAddress;

/**
 * Decides who may connect to a listener (Winsock's condition function). Asked once for each peer
 * process and destination address, before the peer is told anything; must not block.
 */
@FunctionalInterface
public interface AcceptCondition {
  /**
   * @param destination the concrete local address the peer wants, never the wildcard
   * @return null to accept, or the reason why the peer has to use TCP
   */
  Reason check(InetSocketAddress destination);
}
