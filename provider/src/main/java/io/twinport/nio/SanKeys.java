package io.twinport.nio;

import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.nio.channels.Selector;
import java.util.Arrays;

/**
 * The keys of one channel with selectors of ours; nearly always none or one. With more than one,
 * the SAN posts to all of their selectors through a seat of this object's own, and to what stands
 * for one that is not ours.
 */
final class SanKeys {
  private static final SanKey[] NONE = {};

  /** Whoever is posted to for several selectors. */
  private final class FanOut extends Seat {
    FanOut() {
      super(null);
    }

    @Override
    public void post(SanTarget target) {
      for (SanKey key : keys) {
        key.selector.enqueue(key);
      }
      Seat other = foreign;
      if (other != null) {
        other.post(target);
      }
    }
  }

  private volatile SanKey[] keys = NONE; // Replaced under the lock of this object.
  private volatile Seat foreign; // Set under the lock of this object.
  private FanOut fanOut;

  boolean isEmpty() {
    return keys.length == 0;
  }

  SanKey find(Selector selector) {
    for (SanKey key : keys) {
      if (key.selector == selector) {
        return key;
      }
    }
    return null;
  }

  synchronized void add(SanKey key) {
    // A selector that closes does not deregister its keys one by one.
    keys = Arrays.stream(keys).filter(k -> k.selector.isOpen()).toArray(SanKey[]::new);
    SanKey[] more = Arrays.copyOf(keys, keys.length + 1);
    more[keys.length] = key;
    keys = more;
  }

  /**
   * Forgets a key; behind the last one nobody waits any more. The channel is told so under the lock
   * too, or it would undo the arming of a selector that has just come.
   */
  synchronized void remove(SanKey key) {
    keys = Arrays.stream(keys).filter(k -> k != key).toArray(SanKey[]::new);
    if (keys.length == 0) {
      key.channel.sanDisarm();
    }
  }

  /**
   * Arms the key's channel for its selector. Under the lock, because a selector that takes itself
   * for the only one would otherwise undo the arming of one that has just come. Returns true if
   * something may be ready already.
   */
  synchronized boolean arm(SanKey key, int interestOps) {
    boolean alone = keys.length == 1 && foreign == null;
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
    return channel.sanArm(interestOps, keys.length == 0 ? foreign : fanOut());
  }

  /**
   * Says that the channel has become another kind of channel, or has an event of its own making.
   */
  void changed() {
    for (SanKey key : keys) {
      key.selector.changed(key);
    }
  }
}
