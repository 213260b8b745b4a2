package io.twinport.shm.connection;

import io.twinport.posix.Memory;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.link.Occupant;
import io.twinport.shm.memory.LinkLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A listener that a client may send requests to, for one concrete address; what the server knows of
 * it. {@link ClientPermit} is the client's side. It is in its slot, so that nothing else can be.
 *
 * @param grant the places that the client may take by itself
 */
record ServerPermit(
    int id,
    ServerLink link,
    ControlSegment segment,
    int slot,
    ShmListener listener,
    InetSocketAddress local,
    InetAddress remoteHost,
    Grant grant)
    implements Occupant {
  ServerPermit(
      int id,
      ServerLink link,
      ControlSegment segment,
      int slot,
      ShmListener listener,
      InetSocketAddress local,
      InetAddress remoteHost) {
    this(id, link, segment, slot, listener, local, remoteHost, new Grant(segment, slot));
  }

  // By identity: a listener with thousands of them finds one at once.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  // Nothing happens in a permit's slot.

  @Override
  public void onEvent() {}

  @Override
  public void segmentsArrived() {}

  @Override
  public void retry() {}

  @Override
  public void linkBreaks() {}

  @Override
  public boolean sweep() {
    return false;
  }

  /**
   * Says which seat the client has to ring. The caller holds the listener's lock, so the link is
   * alive.
   */
  void seat(int number) {
    Memory.putLongRelease(segment.ownSlot(slot) + LinkLayout.READ_SEAT, number);
  }
}
