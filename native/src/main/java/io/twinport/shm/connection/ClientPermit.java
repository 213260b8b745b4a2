package io.twinport.shm.connection;

import io.twinport.posix.Memory;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.memory.LinkLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * What a client knows of a listener: through which link it is reached, and the slot in whose server
 * half the listener says which seat to ring for a request.
 *
 * @param id names the permit on its link; never used again, so that a request that comes late is
 *     never taken for one to another listener
 * @param localHost the address that connections to it have on this side
 * @param claims the places that the listener has granted
 */
public record ClientPermit(
    int id,
    ClientLink link,
    ControlSegment segment,
    int slot,
    InetSocketAddress destination,
    InetAddress localHost,
    Claims claims) {

  /** The seat that waits for requests; 0 if nobody does. */
  int seat() {
    return (int) Memory.getLongAcquire(segment.peerSlot(slot) + LinkLayout.READ_SEAT);
  }
}
