package io.twinport.shm.connection;

import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Who has the permits of this process as a client: hears what becomes of those that were asked for.
 * Where nothing else is said, calls are made on the node's thread.
 */
public interface PermitHolder {
  /** The server has a listener for us. */
  void permitted(ClientPermit permit);

  /** There will be no permit for {@code destination}. Any thread. */
  void notPermitted(InetSocketAddress destination, IOException why);

  /** The server has closed a listener. */
  void revoked(ClientLink link, int id, InetSocketAddress destination);

  /** The server is gone. */
  void linkDied(ClientLink link);

  /** Looks the listener up again for a request that came too late. Any thread. */
  void lookUpAgain(ShmConnection connection);
}
