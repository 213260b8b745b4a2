package io.twinport.contract.support;

import java.io.Serializable;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/** What is done with one end of a connection, in the JVM that this end is in. */
@FunctionalInterface
public interface Task<R> extends Serializable {
  /** {@code provider} is the one whose selectors the channel can be registered with. */
  R on(SocketChannel channel, SelectorProvider provider) throws Exception;
}
