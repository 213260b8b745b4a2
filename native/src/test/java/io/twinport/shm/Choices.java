package io.twinport.shm;

import java.util.Random;

/** Where an attack takes its choices from: a seed, or the bytes that a fuzzer makes up. */
interface Choices {
  /** Whether there are more; those behind the last are all 0. */
  boolean more();

  /** One of {@code 0} to {@code bound - 1}. */
  int below(int bound);

  /** Sixty-four bits. */
  long bits();

  static Choices of(byte[] bytes) {
    return new Choices() {
      private int at;

      @Override
      public boolean more() {
        return at < bytes.length;
      }

      @Override
      public int below(int bound) {
        int chosen = next();
        for (int reach = 256; reach < bound; reach <<= 8) {
          chosen = chosen << 8 | next();
        }
        return Integer.remainderUnsigned(chosen, bound);
      }

      @Override
      public long bits() {
        long bits = 0;
        for (int i = 0; i < Long.BYTES; i++) {
          bits = bits << 8 | next();
        }
        return bits;
      }

      private int next() {
        return more() ? bytes[at++] & 0xff : 0;
      }
    };
  }

  /** As many as are asked for. */
  static Choices of(long seed) {
    Random random = new Random(seed);
    return new Choices() {
      @Override
      public boolean more() {
        return true;
      }

      @Override
      public int below(int bound) {
        return random.nextInt(bound);
      }

      @Override
      public long bits() {
        return random.nextLong();
      }
    };
  }
}
