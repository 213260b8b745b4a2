package io.twinport.shm;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import java.io.IOException;
import java.util.Arrays;

/**
 * Closes what others may have made slow to close. Whoever closes a descriptor last does what is
 * left to do for what it stands for, for as long as that takes: a TCP socket may linger, a file may
 * be served by somebody who does not answer. A peer can send any of them, and a socket that is
 * closed closes what lies in it unread. So nothing of that kind is closed by a thread that serves
 * others.
 */
final class Closer {
  /** More of them hang only if somebody means it. */
  private static final int MOST_THREADS = 4;

  private static final long IDLE_MILLIS = 10_000;

  // guarded by this

  /** What is to be closed, the first {@link #count} of them. */
  private int[] waiting = new int[16];

  private int count;
  private int threads;
  private int idle;

  /** Ends a socket, which its peer sees at once, and closes it before long. */
  synchronized void close(int fd) {
    try {
      UnixSocket.shutdown(fd);
    } catch (IOException e) {
      Log.debug(() -> "shm: " + Log.cause(e)); // There is no peer any more.
    }
    if (count == waiting.length) {
      waiting = Arrays.copyOf(waiting, 2 * count);
    }
    waiting[count++] = fd;
    if (idle > 0) {
      notify();
    } else if (threads < MOST_THREADS) {
      start();
    }
  }

  /** If there is no thread to be had, the next descriptor tries again. */
  private void start() {
    threads++;
    boolean started = false;
    try {
      Daemon.of("twinport-close", this::run).start();
      started = true;
    } catch (OutOfMemoryError e) {
      Log.debug(() -> "shm: no thread to close what peers have sent: " + Log.cause(e));
    } finally {
      if (!started) {
        threads--;
      }
    }
  }

  private void run() {
    boolean over = false;
    try {
      for (int fd = next(); fd >= 0; fd = next()) {
        Posix.close(fd);
      }
      over = true;
    } finally {
      if (!over) {
        synchronized (this) {
          threads--;
        }
      }
    }
  }

  /** The next descriptor; -1 if the thread is not needed any more, and has been counted out. */
  private synchronized int next() {
    long end = System.nanoTime() + IDLE_MILLIS * 1_000_000;
    while (count == 0) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        threads--;
        return -1;
      }
      idle++;
      try {
        wait(left);
      } catch (InterruptedException e) {
        // Nobody interrupts it who means anything by it.
        end = Math.min(end, System.nanoTime());
      } finally {
        idle--;
      }
    }
    return waiting[--count];
  }

  /** Whether all that can be done at a time hangs: no strangers are let in meanwhile. */
  synchronized boolean isStuck() {
    return threads == MOST_THREADS && idle == 0 && count > 0;
  }
}
