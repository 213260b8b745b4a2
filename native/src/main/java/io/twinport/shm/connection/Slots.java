package io.twinport.shm.connection;

import io.twinport.shm.link.ControlSegment;
import java.util.Arrays;

/**
 * The free slots of a segment, first in first out, so that a port is not used again at once.
 * Guarded by whoever has it.
 */
final class Slots {
  final ControlSegment segment;
  private final int[] free;
  private final int[] generations;
  private int head;
  private int count;

  /** For whoever sweeps. */
  boolean emptyAtLastSweep;

  Slots(ControlSegment segment) {
    this.segment = segment;
    free = new int[segment.slots];
    generations = new int[segment.slots];
    count = segment.slots;
    for (int i = 0; i < count; i++) {
      free[i] = i;
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Whether no slot is taken. */
  boolean isComplete() {
    return count == free.length;
  }

  int take() {
    int slot = free[head];
    head = (head + 1) & (free.length - 1);
    count--;
    // never 0, which is what memory nobody has written to says
    generations[slot] = generations[slot] % Integer.MAX_VALUE + 1;
    return slot;
  }

  /** That of the use for which the slot was taken last. */
  int generation(int slot) {
    return generations[slot];
  }

  void put(int slot) {
    free[(head + count) & (free.length - 1)] = slot;
    count++;
  }

  /** Every slot's next use has the generation behind this one. For tests of the last. */
  void startGenerationsAt(int generation) {
    Arrays.fill(generations, generation);
  }
}
