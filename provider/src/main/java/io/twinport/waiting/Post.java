package io.twinport.waiting;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** One who is posted to, in the stack of a {@link Posts}. */
public abstract class Post {
  private static final VarHandle QUEUED;

  static {
    try {
      QUEUED = MethodHandles.lookup().findVarHandle(Post.class, "queued", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Whether this is in the stack, about to be, or taken and not left yet. */
  volatile boolean queued;

  /** The next of the stack; belongs to whoever has set {@link #queued}. */
  Post next;

  /** Makes one who is in no stack. */
  protected Post() {}

  /**
   * Whether the caller is the one to put this into the stack. If not, it is in it and has not been
   * looked at: the fence puts what the caller has to tell before that look.
   */
  final boolean enter() {
    VarHandle.fullFence();
    return !queued && QUEUED.compareAndSet(this, false, true);
  }

  /** Who is behind it in a stack that was taken, as long as it has not left. */
  public final Post following() {
    return next;
  }

  /**
   * Leaves the stack it was taken from: the next post enters it again. By stores alone, which can't
   * fail. A full fence has to follow before the look, or an event in between is in neither.
   *
   * @return who is behind it
   */
  public final Post leave() {
    Post following = next;
    next = null;
    queued = false;
    return following;
  }
}
