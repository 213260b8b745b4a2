package io.twinport.waiting;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.BooleanSupplier;

/** Virtual threads, of which the JDK this is compiled for knows nothing. */
public final class VirtualThreads {
  private static final MethodHandle IS_VIRTUAL = isVirtualHandle();
  private static final MethodHandle POLL = IS_VIRTUAL == null ? null : pollHandle();
  private static final int POLLIN = 1;

  private VirtualThreads() {}

  /** Whether the current thread is a virtual one, which must not be held by a native call. */
  public static boolean isCurrent() {
    if (IS_VIRTUAL == null) {
      return false;
    }
    try {
      return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
    } catch (Error e) {
      throw e; // There is no memory, or no stack.
    } catch (Throwable t) {
      throw new AssertionError(t); // Thread.isVirtual throws nothing.
    }
  }

  /**
   * Between the looks of a spin: on a virtual thread, others that can run have the carrier first.
   * There may be many more of them than carriers, and the one that is waited for may be among them.
   */
  @SuppressWarnings("ThreadPriorityCheck") // Not for correctness; and that scheduler is the JDK's.
  public static void yieldIfCurrent() {
    if (isCurrent()) {
      Thread.yield();
    }
  }

  /**
   * Waits until {@code fd} is readable without holding the carrier thread. Returns false at once if
   * this JDK offers no way to.
   *
   * @param nanos how long, or 0 for ever
   */
  public static boolean awaitReadable(int fd, long nanos, BooleanSupplier isOpen)
      throws IOException {
    if (POLL == null) {
      return false;
    }
    try {
      POLL.invokeExact(fd, POLLIN, nanos, isOpen);
      return true;
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new IOException(t);
    }
  }

  private static MethodHandle isVirtualHandle() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (ReflectiveOperationException e) {
      return null; // Before JDK 21 there are none.
    }
  }

  private static MethodHandle pollHandle() {
    try {
      Class<?> poller = Class.forName("sun.nio.ch.Poller", false, null);
      return MethodHandles.privateLookupIn(poller, MethodHandles.lookup())
          .findStatic(
              poller,
              "poll",
              MethodType.methodType(
                  void.class, int.class, int.class, long.class, BooleanSupplier.class));
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null; // The carrier is held then, as JDK 17's own threads are.
    }
  }
}
