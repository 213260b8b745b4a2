package io.twinport.shm.connection;

import io.twinport.posix.Memory;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.memory.LinkLayout;

/**
 * The places that a client takes in a listener's queue with nobody at the server taking part. The
 * server says, in its half of the permit's slot, how many claims it has granted; the client counts
 * its claims there, in its own half. {@link Grants} is the server's side; modelled in {@code
 * grants.pml}.
 *
 * <p>Why a claim that was found to be granted is kept: the client stores the number of its claims,
 * makes a full fence and loads what is granted. The server that takes places back stores the
 * smaller number, makes a full fence and loads the number of claims. One of the two sees the other.
 *
 * <p>The number of a claim is never used again. A request whose claim was not granted waits for a
 * verdict, as one without a claim does. The server may have denied it and have granted more since,
 * with which the number would seem to be granted: so the verdict is looked at behind that.
 */
final class Claims {
  /** The permit's slot in the own half, and in the server's. */
  private final long own;

  private final long servers;

  // guarded by this
  private long claimed;
  private boolean closed;

  /** Claims none so far. The server is asked for the permit behind this. */
  Claims(ControlSegment segment, int slot) {
    own = segment.ownSlot(slot);
    servers = segment.peerSlot(slot);
    Memory.putLongRelease(own + LinkLayout.CLAIMED, 0);
  }

  /**
   * Puts a request, and has it connected at once if there is a place for it. The caller has seen to
   * it that there is room on the stack: between the request and the claim no Error may stop this.
   *
   * @param request the request's slot in the own half
   * @param verdicts the same slot in the server's half
   * @param mayClaim false for a request that needs a verdict in any case
   * @return whether the request has a place, which the server can't take back
   */
  synchronized boolean put(long request, long verdicts, int generation, boolean mayClaim) {
    long made = claimed;
    boolean hopes =
        mayClaim
            && !closed
            && Memory.getLongAcquire(servers + LinkLayout.GRANTED) > made
            && Memory.getLongAcquire(verdicts + LinkLayout.UNCLAIMABLE) == 0;
    Memory.putLong(request + LinkLayout.CLAIM, hopes ? made + 1 : 0);
    Request.put(request, generation);
    if (!hopes) {
      return false;
    }
    claimed = made + 1;
    Memory.putLongRelease(own + LinkLayout.CLAIMED, made + 1);
    Memory.fullFence();
    return Memory.getLongAcquire(servers + LinkLayout.GRANTED) > made
        && Request.code(verdicts, generation) == Request.NONE;
  }

  /** No more claims: the permit's slot is given back, and may be used for something else. */
  synchronized void close() {
    closed = true;
  }
}
