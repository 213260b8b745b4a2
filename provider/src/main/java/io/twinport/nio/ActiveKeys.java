package io.twinport.nio;

import io.twinport.waiting.Post;
import io.twinport.waiting.Posts;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The keys that a selector looks at itself, because something was posted for them or they were
 * ready lately. A key of this list is not armed; all others are, so an event on them comes through
 * {@link #post}. Readiness is a level: a key that was ready stays and is looked at again. The cost
 * of a select is that of these keys, never of all.
 */
final class ActiveKeys {
  private static final int MOST_UNARMED = 32;
  private static final int IDLE_SELECTS = 3;

  private final Posts posted = new Posts();

  // The selecting thread's.
  private SanKey[] keys = new SanKey[16];
  private int count;
  private Post taken; // The rest of a queue, if an Error has ended the look at it.

  /** Has a key looked at; by any thread. */
  void post(SanKey key) {
    posted.push(key);
  }

  /** Whether something was posted that {@link #takePosted} has not taken. */
  boolean isPosted() {
    return !posted.isEmpty();
  }

  int count() {
    return count;
  }

  SanKey get(int index) {
    return keys[index];
  }

  /** Whether anybody waits for what the SAN has for the key. */
  static boolean isWatched(SanKey key, int ops) {
    return ops != 0 && key.channel.isOnSan() && key.key.isValid();
  }

  /**
   * Moves what was posted to the list of keys to look at. A key leaves the queue once it is on that
   * list, by stores alone, which can't fail: whatever ends this half-way, the next select goes on.
   */
  void takePosted() {
    boolean more = taken != null; // Behind what an Error has left, there is what came since.
    if (!more) {
      taken = posted.takeAll();
    }
    if (taken == null) {
      return;
    }
    while (taken != null) {
      SanKey key = (SanKey) taken;
      if (key.key.isValid() && key.activeIndex < 0) {
        if (count == keys.length) {
          keys = Arrays.copyOf(keys, 2 * count);
        }
        keys[count] = key;
        key.activeIndex = count++;
      }
      key.idle = 0;
      taken = key.leave(); // From here on, the next event queues the key again.
      if (taken == null && more) {
        more = false;
        taken = posted.takeAll();
      }
    }
    VarHandle.fullFence(); // The look comes after the stores, or an event in between is in neither.
  }

  /** Takes a key off the list, if it is there. */
  void remove(SanKey key) {
    int index = key.activeIndex;
    if (index >= 0) {
      SanKey last = keys[--count];
      keys[index] = last;
      last.activeIndex = index;
      keys[count] = null;
      key.activeIndex = -1;
    }
    key.ready = 0;
  }

  /** Looks at all, with what was posted; returns how many are ready. */
  int look() {
    takePosted();
    int readyKeys = 0;
    int unready = 0;
    for (int i = count - 1; i >= 0; i--) {
      SanKey key = keys[i];
      int ops = key.key.nioInterestOps();
      if (!isWatched(key, ops)) {
        remove(key);
        continue;
      }
      key.ready = key.channel.sanReady(ops);
      if (key.ready == 0 && (++key.idle > IDLE_SELECTS || ++unready > MOST_UNARMED)) {
        arm(key, ops);
      }
      if (key.ready != 0) {
        key.idle = 0;
        readyKeys++;
      }
    }
    return readyKeys;
  }

  /** Arms a key and takes it off the list, unless it is ready by now. Returns whether it did. */
  private boolean arm(SanKey key, int ops) {
    if (key.channel.sanKeys().arm(key, ops)) {
      key.ready = key.channel.sanReady(ops);
      return false;
    }
    remove(key);
    return true;
  }

  /** Arms all that is still on the list; returns whether something has to be looked at again. */
  boolean armAll() {
    boolean again = false;
    for (int i = count - 1; i >= 0; i--) {
      SanKey key = keys[i];
      int ops = key.key.nioInterestOps();
      if (ops == 0 || !key.channel.isOnSan()) {
        remove(key);
      } else {
        again |= !arm(key, ops);
      }
    }
    return again;
  }

  /** Whether one of them is ready, or something was posted. Changes nothing. */
  boolean isAnyReady() {
    for (int i = 0; i < count; i++) {
      SanKey key = keys[i];
      if (key.channel.sanReady(key.key.nioInterestOps()) != 0) {
        return true;
      }
    }
    return isPosted();
  }
}
