package io.twinport.shm;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import java.io.IOException;
import java.util.ArrayDeque;

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
  private static final int MOST_TO_LOOK_AT = 16;

  private record Waiting(int socket, Runnable then) {}

  // guarded by this
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private int threads;
  private int idle;

  /**
   * Ends a socket, which its peer sees at once, and closes it: now, if there is nothing in it that
   * could take long, else before long.
   */
  void close(int socket) {
    close(socket, null);
  }

  /**
   * As {@link #close(int)}, and runs {@code then} behind the close, here or on another thread.
   *
   * @param then null for nothing
   */
  void close(int socket, Runnable then) {
    boolean empty = isEmpty(socket);
    try {
      UnixSocket.shutdown(socket);
    } catch (IOException e) {
      Log.debug(() -> "shm: " + Log.cause(e)); // There is no peer any more.
    }
    if (!empty) {
      closeLater(socket, then);
      return;
    }
    Posix.close(socket);
    if (then != null) {
      then.run();
    }
  }

  /**
   * Whether nothing is in the socket, or can come, that brings descriptors; but for those with
   * which a process introduces itself, which are taken out. If the peer is gone, or the kernel
   * can't keep descriptors off, that is not known.
   */
  private static boolean isEmpty(int socket) {
    try (UnixSocket.Inbox inbox = new UnixSocket.Inbox(Wire.MAX_BYTES, Wire.MOST_FDS)) {
      if (!UnixSocket.takesDescriptors(socket, false)) {
        return false;
      }
      int length = inbox.peek(socket);
      for (int i = 0; i < MOST_TO_LOOK_AT && length > 0 && !inbox.isCut(); i++) {
        for (int fd : inbox.fds()) {
          if (fd >= 0 && !Posix.isEventfd(fd) && !Posix.isSharable(fd, LinkLayout.BOARD_BYTES)) {
            return false;
          }
        }
        inbox.skip(socket);
        length = inbox.peek(socket);
      }
      return length < 0;
    } catch (IOException e) {
      Log.debug(() -> "shm: " + Log.cause(e));
      return false;
    }
  }

  private synchronized void closeLater(int socket, Runnable then) {
    waiting.add(new Waiting(socket, then));
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
      for (Waiting next = next(); next != null; next = next()) {
        Posix.close(next.socket);
        if (next.then != null) {
          next.then.run();
        }
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

  /** The next; null if the thread is not needed any more, and has been counted out. */
  private synchronized Waiting next() {
    long end = System.nanoTime() + IDLE_MILLIS * 1_000_000;
    while (waiting.isEmpty()) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        threads--;
        return null;
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
    return waiting.poll();
  }

  /** Whether all that can be done at a time hangs: no strangers are let in meanwhile. */
  synchronized boolean isStuck() {
    return threads == MOST_THREADS && idle == 0 && !waiting.isEmpty();
  }
}
