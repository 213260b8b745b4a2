package io.twinport.registry;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/**
 * A set by identity that keeps nothing alive. What is in it costs a weak reference and its place in
 * a table: thousands of idle connections are in such a set, and a node of a map for each would
 * double that.
 *
 * <p>The table is probed linearly, and never more than three quarters full. Any thread may call;
 * the monitor is held for a few instructions, or to copy the table.
 */
final class WeakSet<T> {
  private static final int LEAST_PLACES = 16;

  private static final class Ref<T> extends WeakReference<T> {
    final int hash;

    Ref(T value, ReferenceQueue<T> queue) {
      super(value, queue);
      hash = System.identityHashCode(value);
    }
  }

  private final ReferenceQueue<T> gone = new ReferenceQueue<>();

  // guarded by this

  /** As many places as a power of two says. */
  private Ref<T>[] places = places(LEAST_PLACES);

  private int size;

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static <T> Ref<T>[] places(int count) {
    return new Ref[count];
  }

  /** Adds it, unless it is there. */
  synchronized void add(T value) {
    expunge();
    if (find(value) >= 0) {
      return;
    }
    if (4 * (size + 1) > 3 * places.length) {
      grow();
    }
    put(new Ref<>(value, gone));
    size++;
  }

  /** Takes it away, if it is there. */
  synchronized void remove(T value) {
    expunge();
    int at = find(value);
    if (at >= 0) {
      clear(at);
    }
  }

  /** What is in the set, in no order. Whoever adds or takes away is kept out for a copy only. */
  List<T> values() {
    Ref<T>[] copy;
    synchronized (this) {
      expunge();
      copy = places.clone();
    }
    List<T> values = new ArrayList<>();
    for (Ref<T> ref : copy) {
      T value = ref == null ? null : ref.get();
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  /** Takes away what the application has lost. */
  private void expunge() {
    for (Reference<?> lost = gone.poll(); lost != null; lost = gone.poll()) {
      int at = ((Ref<?>) lost).hash & (places.length - 1);
      while (places[at] != lost && places[at] != null) {
        at = next(at);
      }
      if (places[at] != null) {
        clear(at);
      }
    }
  }

  private int find(T value) {
    int at = System.identityHashCode(value) & (places.length - 1);
    while (places[at] != null) {
      if (places[at].refersTo(value)) {
        return at;
      }
      at = next(at);
    }
    return -1;
  }

  private int next(int place) {
    return (place + 1) & (places.length - 1);
  }

  private void put(Ref<T> ref) {
    int at = ref.hash & (places.length - 1);
    while (places[at] != null) {
      at = next(at);
    }
    places[at] = ref;
  }

  private void grow() {
    Ref<T>[] before = places;
    places = places(2 * before.length);
    for (Ref<T> ref : before) {
      if (ref != null) {
        put(ref);
      }
    }
  }

  /**
   * Clears a place. What follows without a gap moves up if it may: a reference has to be found from
   * the place that its hash names on, without a gap.
   */
  private void clear(int place) {
    int hole = place;
    places[hole] = null;
    size--;
    int mask = places.length - 1;
    for (int at = next(hole); places[at] != null; at = next(at)) {
      int fromHome = (at - places[at].hash) & mask;
      int fromHole = (at - hole) & mask;
      if (fromHome >= fromHole) {
        places[hole] = places[at];
        places[at] = null;
        hole = at;
      }
    }
  }
}
