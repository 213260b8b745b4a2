package io.twinport.shm.link;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.memory.LinkLayout;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Closes what others may have made slow to close. Whoever closes a descriptor last does what is
 * left to do for what it stands for, for as long as that takes: a TCP socket may linger, a file may
 * be served by somebody who does not answer. A peer can send any of them, and a socket that is
 * closed closes what lies in it unread. So nothing of that kind is closed by a thread that serves
 * others.
 */
public final class Closer {
  /** More of them hang only if somebody means it. */
  private static final int MOST_THREADS = 4;

  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_TO_LOOK_AT = 16;

  /** A thread that has not come to the end of a close in that time is held up. */
  private static final long HELD_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  // guarded by this

  /** What is to be closed, and what is to be run then: the first {@link #count}. */
  private int[] sockets = new int[64];

  private Runnable[] thens = new Runnable[64];
  private int count;
  private int threads;
  private int idle;

  /** When a thread has taken something to close last, or there was nothing to take. */
  private long lastTaken;

  /**
   * Ends a socket, which its peer sees at once, and closes it: now, if there is nothing in it that
   * could take long, else before long.
   */
  public void close(int socket) {
    close(socket, null);
  }

  /**
   * As {@link #close(int)}, and runs {@code then} behind the close, here or on another thread.
   *
   * @param then null for nothing
   */
  public void close(int socket, Runnable then) {
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
    try (UnixSocket.Inbox inbox =
        new UnixSocket.Inbox(LinkMessages.MAX_BYTES, LinkMessages.MOST_FDS)) {
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
    } catch (IOException | OutOfMemoryError e) {
      return false; // Not known.
    }
  }

  private synchronized void closeLater(int socket, Runnable then) {
    if (count == sockets.length) {
      Runnable[] more = Arrays.copyOf(thens, 2 * count);
      sockets = Arrays.copyOf(sockets, 2 * count);
      thens = more;
    }
    if (count == 0) {
      lastTaken = System.nanoTime();
    }
    sockets[count] = socket;
    thens[count] = then;
    count++;
    // One that was told, and does not run yet, counts as idle: it may hang with what it takes
    // first.
    if (count <= idle) {
      notify();
    } else if (threads < MOST_THREADS) {
      start();
    }
  }

  private void start() {
    threads++;
    boolean started = false;
    try {
      Daemon.of("twinport-close", this::run).start();
      started = true;
    } catch (OutOfMemoryError e) {
      return; // It waits, and whoever closes next tries again.
    } finally {
      if (!started) {
        threads--;
      }
    }
  }

  private void run() {
    boolean over = false;
    try {
      while (closeNext()) {
        // Until there is nothing for a while.
      }
      over = true;
    } finally {
      if (!over) {
        stopped();
      }
    }
  }

  /** An Error has ended a thread; others go on. */
  private synchronized void stopped() {
    threads--;
    if (count > 0 && threads < MOST_THREADS) {
      start();
    }
  }

  /** Returns false if the thread is not needed any more, and has been counted out. */
  private boolean closeNext() {
    int socket;
    Runnable then;
    synchronized (this) {
      if (!await()) {
        threads--;
        return false;
      }
      lastTaken = System.nanoTime();
      count--;
      socket = sockets[count];
      then = thens[count];
      thens[count] = null;
    }
    Posix.close(socket);
    if (then != null) {
      then.run();
    }
    return true;
  }

  /** Waits for something to close; false if nothing comes. The caller holds the monitor. */
  private boolean await() {
    long end = System.nanoTime() + IDLE_NANOS;
    while (count == 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      idle++;
      try {
        wait(left);
      } catch (InterruptedException e) {
        return count > 0; // Nobody interrupts it who means anything by it.
      } finally {
        idle--;
      }
    }
    return true;
  }

  /**
   * Whether all that can be done at a time is held up: no strangers are let in meanwhile. Many that
   * end at once, none of which takes long, do not hold it up.
   */
  public synchronized boolean isStuck() {
    return threads == MOST_THREADS
        && idle == 0
        && count > 0
        && System.nanoTime() - lastTaken > HELD_UP_NANOS;
  }
}
