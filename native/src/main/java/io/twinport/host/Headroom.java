package io.twinport.host;

/**
 * Room on the stack for what must not stop half-way. An application may call from the very end of
 * its stack: a {@link StackOverflowError} is then to be thrown before anything has begun.
 *
 * <p>Costs a fraction of a microsecond, so it is asked for where a system call follows.
 */
public final class Headroom {
  /**
   * Compiled, these are the smallest frames there are, and what follows may be interpreted: a
   * connect takes some fifteen frames of several hundred bytes.
   */
  private static final int FRAMES = 128;

  private Headroom() {}

  /** Throws the error now if what follows could. */
  public static void ensure() {
    if (descend(FRAMES, 1, 2, 3, 4, 5, 6, 7, 8) == 0) {
      throw new AssertionError("a sum of positive numbers");
    }
  }

  /** All of the arguments are needed after the call, so each frame has to keep them. */
  private static long descend(
      int frames, long a, long b, long c, long d, long e, long f, long g, long h) {
    if (frames == 0) {
      return a;
    }
    long below = descend(frames - 1, h, a, b, c, d, e, f, g);
    return below + (a | b) + (c | d) + (e | f) + (g | h);
  }
}
