package io.twinport.nio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import sun.nio.ch.SelectionKeyImpl;

/** What a selector of ours knows about one of its keys beside what the JDK's key says. */
final class SanKey {
  private static final VarHandle QUEUED;

  static {
    try {
      QUEUED = MethodHandles.lookup().findVarHandle(SanKey.class, "queued", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final SelectionKeyImpl key;
  final SanChannel channel;
  final TwinSelector selector;

  /** Whether the key is in its selector's queue, or about to be. */
  volatile boolean queued;

  /** The next of the channel's keys; belongs to {@link SanKeys}. */
  volatile SanKey sibling;

  /** The next of the selector's queue; belongs to whoever has set {@link #queued}. */
  SanKey next;

  // The rest is the selecting thread's.

  /** The place in the selector's list of keys to look at, or -1. */
  int activeIndex = -1;

  /** What the last look found, in poll's bits. */
  int ready;

  /** How many selects in a row found nothing. */
  int idle;

  /** The select in which the kernel has reported the key already. */
  long kernelSelect;

  SanKey(SelectionKeyImpl key, SanChannel channel, TwinSelector selector) {
    this.key = key;
    this.channel = channel;
    this.selector = selector;
  }

  /**
   * Whether the caller is the one to put the key into its selector's queue. If not, the key is in
   * it and has not been looked at: the fence puts what the caller has to tell before that look.
   */
  boolean enterQueue() {
    VarHandle.fullFence();
    return !queued && QUEUED.compareAndSet(this, false, true);
  }
}
