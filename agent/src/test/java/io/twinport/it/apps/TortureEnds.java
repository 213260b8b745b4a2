package io.twinport.it.apps;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All ends of connections that a process has, its clock, and the faults that it makes itself.
 *
 * <p>The clock is a thread that counts tenths of a second: what a process does not get of the
 * processors, or while it is stopped, it does not count.
 */
final class TortureEnds {
  private static final int TICK_MILLIS = 100;
  private static final int MOST = 20_000;
  private static final int CLOSERS = 3;

  private final List<TortureEnd> open = new ArrayList<>(MOST);
  private final List<TortureEnd> ended = new ArrayList<>(MOST);
  private final Thread clock = new Thread(this::count, "clock");
  private final AtomicLong tick = new AtomicLong();
  private volatile long calmTick = Long.MAX_VALUE;
  private volatile long longestTickMillis;

  TortureEnds() {
    clock.setDaemon(true);
    clock.start();
  }

  private void count() {
    long before = System.nanoTime();
    while (true) {
      pause(TICK_MILLIS);
      long now = System.nanoTime();
      longestTickMillis = Math.max(longestTickMillis, (now - before) / 1_000_000);
      before = now;
      tick.incrementAndGet();
    }
  }

  static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      // Somebody interrupts threads at random.
      Thread.interrupted();
    }
  }

  long tick() {
    return tick.get();
  }

  /** Since when no more faults are made; for ever ahead while they are. */
  long calmTick() {
    return calmTick;
  }

  synchronized void add(TortureEnd end) {
    open.add(end);
  }

  synchronized void over(TortureEnd end) {
    open.remove(end);
    ended.add(end);
  }

  Console commands(Console console) {
    return console
        .on("calm", words -> calm())
        .on("wild", words -> wild())
        .on("take", words -> take())
        .on("open", words -> open())
        .on("close", words -> close(Integer.parseInt(words[1]), Long.parseLong(words[2])))
        .on("interrupt", words -> interrupt(Integer.parseInt(words[1]), Long.parseLong(words[2])))
        .on("fill", words -> fillSurely(Integer.parseInt(words[1])))
        .on("hoard", words -> hoard(Integer.parseInt(words[1])))
        .on("exit", words -> exit());
  }

  /** {@code calm}: there are no more faults from here on. */
  private String calm() {
    longestTickMillis = 0;
    calmTick = tick.get();
    return "tick=" + tick;
  }

  /** {@code wild}: faults are to be expected. */
  private String wild() {
    calmTick = Long.MAX_VALUE;
    return "tick=" + tick;
  }

  /** Of those that are open, the longest stall. */
  String progress(int starting) {
    List<TortureEnd> now = copy();
    long stalled = 0;
    for (TortureEnd end : now) {
      stalled = Math.max(stalled, end.stalled());
    }
    return "open="
        + (now.size() + starting)
        + " tick="
        + tick
        + " stalled="
        + stalled
        + " longest-tick="
        + longestTickMillis;
  }

  private synchronized List<TortureEnd> copy() {
    return new ArrayList<>(open);
  }

  /** {@code take}: reports of all ends that are over, once. */
  private synchronized String take() {
    StringBuilder text = new StringBuilder("ends=");
    for (TortureEnd end : ended) {
      text.append(end.report()).append(';');
    }
    ended.clear();
    return text.toString();
  }

  /** {@code open}: reports of those that are not over. */
  private String open() {
    StringBuilder text = new StringBuilder("ends=");
    for (TortureEnd end : copy()) {
      text.append(end.report()).append(';');
    }
    return text.toString();
  }

  private List<TortureEnd> some(int count, Random random) {
    List<TortureEnd> some = copy();
    Collections.shuffle(some, random);
    return some.subList(0, Math.min(count, some.size()));
  }

  /** {@code close COUNT SEED}: closes so many, each from several threads at once. */
  private String close(int count, long seed) throws InterruptedException {
    List<Thread> closers = new ArrayList<>();
    for (TortureEnd end : some(count, new Random(seed))) {
      for (int i = 0; i < CLOSERS; i++) {
        Thread thread = new Thread(end::disturb, "closer");
        thread.start();
        closers.add(thread);
      }
    }
    for (Thread thread : closers) {
      thread.join();
    }
    return "closed=" + closers.size() / CLOSERS;
  }

  /** {@code interrupt COUNT SEED}: interrupts a thread of each of so many. */
  private String interrupt(int count, long seed) {
    Random random = new Random(seed);
    for (TortureEnd end : some(count, random)) {
      boolean ofSocket = end.api() == TortureApis.SOCKET;
      end.interrupt(
          random.nextBoolean(),
          end.api() == TortureApis.CHANNEL || (ofSocket && TortureThreads.VIRTUAL));
    }
    return "interrupted=" + count;
  }

  private String fillSurely(int millis) {
    while (true) {
      try {
        return fill(millis);
      } catch (OutOfMemoryError e) {
        // Others had taken what was left; so it fills it once more.
      }
    }
  }

  /** {@code fill MILLIS}: fills the heap, lets go, and begins again, for that long. */
  private String fill(int millis) {
    long start = System.nanoTime();
    int times = 0;
    while (System.nanoTime() - start < millis * 1_000_000L) {
      Object[] last = null;
      try {
        for (int bytes = 1 << 20; true; ) {
          try {
            Object[] next = new Object[bytes / 4];
            next[0] = last;
            last = next;
          } catch (OutOfMemoryError e) {
            if (bytes <= 64) {
              throw e;
            }
            bytes /= 4;
          }
        }
      } catch (OutOfMemoryError e) {
        times++;
      }
      try {
        pause(5);
      } catch (OutOfMemoryError e) {
        times++; // Even that may take some.
      }
      if (last != null) {
        last[0] = null; // It was needed up to here.
      }
    }
    return "times=" + times;
  }

  /** {@code hoard MILLIS}: opens files until none can be opened, keeps them for that long. */
  private String hoard(int millis) throws IOException {
    List<FileInputStream> files = new ArrayList<>(1 << 16);
    long start = System.nanoTime();
    int most = 0;
    while (System.nanoTime() - start < millis * 1_000_000L) {
      try {
        files.add(new FileInputStream("/dev/null"));
        most = Math.max(most, files.size());
      } catch (IOException e) {
        pause(1);
      }
    }
    for (FileInputStream file : files) {
      file.close();
    }
    return "files=" + most;
  }

  /** {@code exit}: ends the process from a thread of its own, with all that is open. */
  @SuppressWarnings("SystemExitOutsideMain")
  private static String exit() {
    new Thread(() -> System.exit(0), "exit").start();
    return "";
  }
}
