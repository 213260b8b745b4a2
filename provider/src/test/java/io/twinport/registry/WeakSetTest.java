package io.twinport.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class WeakSetTest {
  private record Equal(int value) {}

  @Test
  void holdsWhatWasAddedAndNotTakenAway() {
    WeakSet<Object> set = new WeakSet<>();
    Set<Object> expected = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Object> pool = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      pool.add(new Object());
    }
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      // Mostly more at first, then fewer: the table grows, and is emptied around its end.
      Object one = pool.get(random.nextInt(pool.size()));
      if (random.nextInt(100_000) > i) {
        set.add(one);
        expected.add(one);
      } else {
        set.remove(one);
        expected.remove(one);
      }
      if (i % 1_000 == 0) {
        assertEquals(expected, identities(set));
      }
    }
    pool.forEach(set::remove);
    assertEquals(List.of(), set.values());
  }

  @Test
  void equalOnesAreTwo() {
    WeakSet<Equal> set = new WeakSet<>();
    Equal one = new Equal(1);
    Equal other = new Equal(1);
    set.add(one);
    set.add(one);
    set.add(other);
    set.remove(one);
    assertEquals(1, set.values().size());
    assertSame(other, set.values().get(0));
  }

  @Test
  void keepsNothingAlive() throws InterruptedException {
    WeakSet<Object> set = new WeakSet<>();
    Object kept = new Object();
    set.add(kept);
    for (int i = 0; i < 1_000; i++) {
      set.add(new Object());
    }
    for (int i = 0; i < 100 && set.values().size() > 1; i++) {
      System.gc();
      Thread.sleep(20); // The references are queued behind the collection.
    }
    assertEquals(List.of(kept), set.values());
  }

  private static Set<Object> identities(WeakSet<Object> set) {
    Set<Object> all = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Object> values = set.values();
    all.addAll(values);
    assertEquals(values.size(), all.size());
    return all;
  }
}
