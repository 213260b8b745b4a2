package io.twinport.ucx;

import io.twinport.ucx.pipe.PipeDriver;
import java.util.PriorityQueue;

/** What is to be done later. Guarded by the driver's lock. */
final class Timers {
  private final PriorityQueue<Entry> entries = new PriorityQueue<>();

  private final class Entry implements PipeDriver.Timer, Comparable<Entry> {
    final long at;
    final Runnable task;

    Entry(long at, Runnable task) {
      this.at = at;
      this.task = task;
    }

    @Override
    public void cancel() {
      entries.remove(this);
    }

    @Override
    public int compareTo(Entry other) {
      return Long.signum(at - other.at);
    }
  }

  PipeDriver.Timer schedule(long at, Runnable task) {
    Entry entry = new Entry(at, task);
    entries.add(entry);
    return entry;
  }

  /** What is due, taken out; null if nothing is. */
  Runnable due(long now) {
    Entry first = entries.peek();
    return first == null || first.at - now > 0 ? null : entries.remove().task;
  }

  /** Nanoseconds until something is due, at least 0; {@link Long#MAX_VALUE} if nothing will be. */
  long next(long now) {
    Entry first = entries.peek();
    return first == null ? Long.MAX_VALUE : Math.max(0, first.at - now);
  }
}
