package io.twinport.shm.connection;

import io.twinport.posix.Memory;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.memory.LinkLayout;

/**
 * The places of a listener's queue that one client may take by itself, with one permit; see {@link
 * Grants}. Guarded by the listener.
 */
final class Grant {
  /**
   * A place of a grant in a list; the list itself is one that has no grant. Linked by hand, so that
   * no Error can leave it half changed.
   */
  static final class Entry {
    final Grant grant;
    private Entry before = this;
    private Entry after = this;

    Entry(Grant grant) {
      this.grant = grant;
    }

    boolean isListed() {
      return after != this;
    }

    /** The first grant of this list; null if there is none. */
    Grant first() {
      return after.grant;
    }

    /** Puts {@code last}, which is in no list, at the end of this list. */
    void append(Entry last) {
      Entry behind = before;
      last.before = behind;
      last.after = this;
      behind.after = last;
      before = last;
    }

    /** Takes the first of this list, which is not empty, to its end. */
    void turn() {
      Entry first = after;
      Entry second = first.after;
      Entry last = before;
      if (second != this) {
        after = second;
        second.before = this;
        first.before = last;
        first.after = this;
        last.after = first;
        before = first;
      }
    }

    /** Leaves the list, if it is in one. */
    void leave() {
      Entry left = before;
      Entry right = after;
      left.after = right;
      right.before = left;
      before = this;
      after = this;
    }
  }

  private final long own;
  private final long clients;

  final Entry holding = new Entry(this);
  final Entry hunger = new Entry(this);

  /** Claims below this have their places: what GRANTED says, or more than that for a moment. */
  long granted;

  /** How many of those there are for which no request was handled yet. */
  int reserved;

  /** The most that the client has said to have claimed; an honest one never says less again. */
  private long seen;

  /** How many requests were handled since the last grant whose claims were not below it. */
  long beyond;

  Grant(ControlSegment segment, int slot) {
    own = segment.ownSlot(slot);
    clients = segment.peerSlot(slot);
  }

  /** How many claims the client says that it has made. Any thread. */
  long claimed() {
    return Memory.getLongAcquire(clients + LinkLayout.CLAIMED);
  }

  /** How many it has said so far: whoever relies on a number holds the client to it. */
  long mostClaimed() {
    long now = claimed();
    if (now > seen) {
      seen = now;
    }
    return seen;
  }

  /** Whether a request with this claim has one of the places; 0 is none. */
  boolean covers(long claim) {
    return claim > 0 && claim <= granted && reserved > 0;
  }

  /** Tells the client. */
  void tell(long number) {
    Memory.putLongRelease(own + LinkLayout.GRANTED, number);
  }
}
