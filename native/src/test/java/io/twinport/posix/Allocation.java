package io.twinport.posix;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts the bytes that the calling thread allocates. */
public final class Allocation {
  private static final int CALLS = 20_000;

  private Allocation() {}

  /** The bytes allocated by one call of {@code operation}, after as many calls to warm it up. */
  public static double perCall(Runnable operation) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    repeat(operation);
    threads.getCurrentThreadAllocatedBytes();
    long before = threads.getCurrentThreadAllocatedBytes();
    repeat(operation);
    return (threads.getCurrentThreadAllocatedBytes() - before) / (double) CALLS;
  }

  private static void repeat(Runnable operation) {
    for (int i = 0; i < CALLS; i++) {
      operation.run();
    }
  }
}
