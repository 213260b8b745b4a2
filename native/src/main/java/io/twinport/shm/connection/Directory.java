package io.twinport.shm.connection;

import java.net.InetSocketAddress;

/** The listeners of this process, by their addresses. */
public interface Directory {
  /** The listener that TCP would choose; null if there is none. */
  ShmListener find(InetSocketAddress destination);

  /** Nobody finds the listener any more. */
  void remove(ShmListener listener);
}
