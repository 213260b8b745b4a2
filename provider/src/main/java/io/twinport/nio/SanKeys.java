package io.twinport.nio;

import io.twinport.registry.Waiter;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.nio.channels.Selector;

/**
 * The keys of one channel with selectors of ours; nearly always none or one. With more than one,
 * the SAN posts to all of their selectors through a seat of this object's own, and to what stands
 * for one that is not ours.
 */
final class SanKeys {
  /** Whoever is posted to for several selectors. */
  private final class FanOut extends Seat {
    FanOut() {
      super(null);
    }

    @Override
    public void post(SanTarget target) {
      for (SanKey key = first; key != null; key = key.sibling) {
        key.selector.enqueue(key);
      }
      Seat other = foreign;
      if (other != null) {
        other.post(target);
      }
    }
  }

  /**
   * The latest key, which leads to the others. Linked and unlinked under the lock of this object;
   * followed without it: a key comes in at this end, and one that is unlinked still leads on, so
   * whoever is under way passes all keys that were there when he began and still are.
   */
  private volatile SanKey first;

  private volatile Seat foreign; // Set under the lock of this object.
  private FanOut fanOut;

  boolean isEmpty() {
    return first == null;
  }

  SanKey find(Selector selector) {
    for (SanKey key = first; key != null; key = key.sibling) {
      if (key.selector == selector) {
        return key;
      }
    }
    return null;
  }

  synchronized void add(SanKey key) {
    // A key that comes while its selector closes may stay behind.
    for (SanKey other = first; other != null; other = other.sibling) {
      if (!other.selector.isOpen()) {
        unlink(other);
      }
    }
    key.sibling = first;
    first = key;
  }

  /** Does nothing if the key is not there. */
  private void unlink(SanKey key) {
    SanKey before = null;
    for (SanKey other = first; other != null; other = other.sibling) {
      if (other != key) {
        before = other;
      } else if (before == null) {
        first = key.sibling;
      } else {
        before.sibling = key.sibling;
      }
    }
  }

  /** Who selects for one of {@code ops}, for people; null if nobody does. */
  Waiter waiter(int ops) {
    for (SanKey key = first; key != null; key = key.sibling) {
      if (key.key.isValid() && (key.key.nioInterestOps() & ops) != 0) {
        return key.selector.waiter();
      }
    }
    return null;
  }

  /**
   * Forgets a key; behind the last one nobody waits any more. The channel is told so under the lock
   * too, or it would undo the arming of a selector that has just come.
   */
  synchronized void remove(SanKey key) {
    unlink(key);
    if (first == null) {
      key.channel.sanDisarm();
    }
  }

  /**
   * Arms the key's channel for its selector. Under the lock, because a selector that takes itself
   * for the only one would otherwise undo the arming of one that has just come. Returns true if
   * something may be ready already.
   */
  synchronized boolean arm(SanKey key, int interestOps) {
    boolean alone = first != null && first.sibling == null && foreign == null;
    return key.channel.sanArm(interestOps, alone ? key.selector.seat() : fanOut());
  }

  private FanOut fanOut() {
    if (fanOut == null) {
      fanOut = new FanOut();
    }
    return fanOut;
  }

  /** Has {@code seat} posted to, beside the selectors of ours, on behalf of one that is not. */
  synchronized void addForeign(Seat seat) {
    foreign = seat;
  }

  /** As {@link #arm}, for the selector that is not ours. */
  synchronized boolean armForeign(SanChannel channel, int interestOps) {
    return channel.sanArm(interestOps, first == null ? foreign : fanOut());
  }

  /**
   * Says that the channel has become another kind of channel, or has an event of its own making.
   */
  void changed() {
    for (SanKey key = first; key != null; key = key.sibling) {
      key.selector.changed(key);
    }
  }
}
