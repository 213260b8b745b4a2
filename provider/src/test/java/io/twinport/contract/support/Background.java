package io.twinport.contract.support;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import io.twinport.contract.peer.OtherJvm;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A call that runs on a thread of its own, so that a test can watch it block and see how it ends.
 */
public final class Background<T> {
  private static final int JOIN_SECONDS = 20;
  private static final int SAMPLES_AT_REST = 10;
  private static final int SAMPLES_INSIDE = 100;

  private volatile Thread thread;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile T result;
  private volatile Throwable failure;
  private volatile boolean interruptedAtEnd;

  /** Runs {@code call} on a thread of its own. */
  public static <T> Background<T> start(Callable<T> call) {
    Background<T> background = new Background<>();
    background.thread = new Thread(() -> background.run(call), "contract-background");
    background.thread.setDaemon(true);
    background.thread.start();
    return background;
  }

  /**
   * Runs {@code call} on a virtual thread where the JVM has such threads (JDK 21), else as {@link
   * #start}.
   */
  public static <T> Background<T> startVirtual(Callable<T> call) {
    Background<T> background = new Background<>();
    background.thread = Threads.startVirtual(() -> background.run(call));
    return background;
  }

  private void run(Callable<T> call) {
    try {
      result = call.call();
    } catch (Throwable t) {
      failure = t;
    } finally {
      interruptedAtEnd = Thread.currentThread().isInterrupted();
      done.countDown();
    }
  }

  /**
   * Waits until the call is blocked inside a channel, a selector or a socket.
   *
   * <p>A thread is taken to be blocked when samples in a row find it inside such a call, in a
   * native method (a system call or a park); or, for waits that spin, when many more find it
   * inside.
   */
  public void awaitBlocked() throws InterruptedException {
    int atRest = 0;
    int inside = 0;
    while (atRest < SAMPLES_AT_REST && inside < SAMPLES_INSIDE) {
      if (done.await(2, TimeUnit.MILLISECONDS)) {
        fail("the call did not block: " + outcome(), failure);
      }
      StackTraceElement[] stack = OtherJvm.stackOf(thread);
      boolean isInside = isInsideCall(stack);
      inside = isInside ? inside + 1 : 0;
      atRest = isInside && stack[0].isNativeMethod() ? atRest + 1 : 0;
    }
  }

  private static boolean isInsideCall(StackTraceElement[] stack) {
    for (StackTraceElement frame : stack) {
      String type = frame.getClassName();
      if (type.startsWith("io.twinport.contract.")) {
        return false;
      }
      if (type.startsWith("sun.nio.ch.") || type.startsWith("io.twinport.")) {
        return true;
      }
    }
    return false;
  }

  /** Interrupts the thread that the call runs on. */
  public void interrupt() {
    thread.interrupt();
  }

  /**
   * Interrupts until the call has ended. Up to JDK 21 {@code Thread.interrupt} looks for a channel
   * to close before it sets the thread's status; an interrupt that comes just as a blocking call
   * begins may then close nothing, and the next one does.
   */
  public void interruptUntilDone() throws InterruptedException {
    do {
      thread.interrupt();
    } while (!done.await(100, TimeUnit.MILLISECONDS));
  }

  /** Whether the call has ended. */
  public boolean isDone() {
    return done.getCount() == 0;
  }

  /** Returns what the call returned; fails if it threw or does not end. */
  public T join() throws InterruptedException {
    awaitEnd();
    if (failure != null) {
      fail("the call failed: " + failure, failure);
    }
    return result;
  }

  /** Returns what the call threw, which must be a {@code type}. */
  public <X extends Throwable> X joinFailure(Class<X> type) throws InterruptedException {
    awaitEnd();
    if (failure == null) {
      fail("expected " + type.getName() + " but the call returned " + result);
    }
    return assertInstanceOf(type, failure);
  }

  /** Returns what the call threw, or null if it returned. */
  public Throwable joinAny() throws InterruptedException {
    awaitEnd();
    return failure;
  }

  /** Whether the thread's interrupt status was set when the call had ended. */
  public boolean interruptedAtEnd() throws InterruptedException {
    awaitEnd();
    return interruptedAtEnd;
  }

  private void awaitEnd() throws InterruptedException {
    if (!done.await(JOIN_SECONDS, TimeUnit.SECONDS)) {
      AssertionError hang = new AssertionError("the call hangs");
      hang.setStackTrace(thread.getStackTrace());
      throw hang;
    }
  }

  private String outcome() {
    return failure == null ? "returned " + result : "threw " + failure;
  }
}
