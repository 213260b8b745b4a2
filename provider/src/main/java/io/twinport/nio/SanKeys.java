package io.twinport.nio;

import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.nio.channels.Selector;
import java.util.Arrays;

/**
 * The keys of one channel with selectors of ours; nearly always none or one. With more than one,
 * the SAN posts to all of their selectors through a seat of this object's own.
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
    }
  }

  private volatile SanKey[] keys = NONE; // Replaced under the lock of this object.
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

  synchronized void remove(SanKey key) {
    keys = Arrays.stream(keys).filter(k -> k != key).toArray(SanKey[]::new);
  }

  /**
   * Arms the key's channel for its selector. Under the lock, because a selector that takes itself
   * for the only one would otherwise undo the arming of one that has just come. Returns true if
   * something may be ready already.
   */
  synchronized boolean arm(SanKey key, int interestOps) {
    Seat seat = key.selector.seat();
    if (keys.length > 1) {
      if (fanOut == null) {
        fanOut = new FanOut();
      }
      seat = fanOut;
    }
    return key.channel.sanArm(interestOps, seat);
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
