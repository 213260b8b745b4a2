package io.twinport.nio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The keys that any thread has posted and the selecting thread has not looked at; a linked stack.
 */
final class PostedKeys {
  private static final VarHandle HEAD;

  static {
    try {
      HEAD = MethodHandles.lookup().findVarHandle(PostedKeys.class, "head", SanKey.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile SanKey head;

  boolean isEmpty() {
    return head == null;
  }

  /** Adds a key unless it is there. */
  void push(SanKey key) {
    if (key.enterQueue()) {
      try {
        SanKey first;
        do {
          first = head;
          key.next = first;
        } while (!HEAD.compareAndSet(this, first, key));
      } catch (Throwable e) {
        key.queued = false; // It is in no queue, and the next event has to put it there.
        throw e;
      }
    }
  }

  /** Takes all keys, linked by {@link SanKey#next}; each has to leave the queue before its look. */
  SanKey takeAll() {
    return head == null ? null : (SanKey) HEAD.getAndSet(this, null);
  }
}
