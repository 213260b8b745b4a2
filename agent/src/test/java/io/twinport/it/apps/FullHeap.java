package io.twinport.it.apps;

/** Fills the heap, so that other threads find none of it. */
final class FullHeap {
  private static final long HELD_NANOS = 20_000_000;
  private static final int[] SIZES = {1 << 18, 1 << 14, 1 << 10, 1 << 7, 1 << 4, 2};

  private static volatile Object[] held;

  private FullHeap() {}

  /** Fills it again and again; each time it stays full for a moment. */
  static void keep(int millis) {
    long end = System.nanoTime() + millis * 1_000_000L;
    while (System.nanoTime() - end < 0) {
      fill();
      long until = System.nanoTime() + HELD_NANOS;
      while (System.nanoTime() - until < 0) {
        Thread.onSpinWait();
      }
      held = null;
    }
  }

  /** Fills it, but for so many bytes. */
  static void fillBut(int bytes) {
    byte[][] spare = {new byte[bytes]};
    fill();
    spare[0] = null;
  }

  static void empty() {
    held = null;
  }

  private static void fill() {
    for (int size : SIZES) {
      try {
        while (true) {
          Object[] next = new Object[size];
          next[0] = held;
          held = next;
        }
      } catch (OutOfMemoryError e) {
        // As full as it gets by that size.
      }
    }
  }
}
