package io.twinport.waiting;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Those that any thread has posted to and their owner has not looked at; a linked stack. */
public final class Posts {
  private static final VarHandle FIRST;

  static {
    try {
      FIRST = MethodHandles.lookup().findVarHandle(Posts.class, "first", Post.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile Post first;

  /** Whether there is nobody to look at. */
  public boolean isEmpty() {
    return first == null;
  }

  /** Adds one, unless it is there: then its look comes behind what the caller has to tell. */
  public void push(Post post) {
    if (post.enter()) {
      boolean pushed = false;
      try {
        Post before;
        do {
          before = first;
          post.next = before;
        } while (!FIRST.compareAndSet(this, before, post));
        pushed = true;
      } finally {
        if (!pushed) {
          post.queued = false; // It is in no stack, and the next post has to put it there.
        }
      }
    }
  }

  /** Takes all, or null; each has to {@link Post#leave} before its look, and tells the next. */
  public Post takeAll() {
    return first == null ? null : (Post) FIRST.getAndSet(this, null);
  }
}
