package io.twinport.shm.link;

import io.twinport.config.Log;
import io.twinport.posix.Epoll;
import io.twinport.posix.Errno;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.memory.Bound;
import io.twinport.shm.memory.Bounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * A link's socket, as far as sending goes: messages go out in the order of the calls, or are kept
 * until there is room. Says what the node's thread watches the socket for.
 *
 * <p>The monitor guards what is kept. It is held while a message is sent, which never waits.
 */
final class LinkSocket {
  /** A peer that leaves so many messages lying is as good as gone. */
  private static final int MOST_OUTGOING = 4096;

  /** So many may be kept for each peer also where others have all of their share of the heap. */
  private static final int FEW_OUTGOING = 64;

  private static final class Outgoing {
    final ByteBuffer message;
    final int[] fds;

    Outgoing(ByteBuffer message, int[] fds) {
      this.message = message;
      this.fds = fds;
    }
  }

  private final Link link;
  private final Links links;
  private final int fd;

  // guarded by this
  private final ArrayDeque<Outgoing> outgoing = new ArrayDeque<>();
  private boolean closed;

  /** Whether there is something to be sent. Read without the lock, as a hint. */
  private volatile boolean unsent;

  /** Whether the next message has to wait, because there are no descriptors for what it brings. */
  private volatile boolean starved;

  LinkSocket(Link link, Links links, int fd) {
    this.link = link;
    this.links = links;
    this.fd = fd;
  }

  int fd() {
    return fd;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  boolean isStarved() {
    return starved;
  }

  /**
   * Sends a message, or keeps it until there is room.
   *
   * @param fds closed once they are sent, or can't be sent any more
   */
  synchronized void send(ByteBuffer message, int... fds) {
    if (closed) {
      closeAll(fds);
      return;
    }
    Bound heap = links.bounds().heap;
    boolean kept = false;
    try {
      heap.reserve(Bounds.MESSAGE_HEAP);
      outgoing.add(new Outgoing(message, fds));
      kept = true;
    } finally {
      if (!kept) {
        heap.release(Bounds.MESSAGE_HEAP);
        closeAll(fds);
      }
    }
    unsent = true;
    if (outgoing.size() == 1) {
      flushSoon();
    } else if (outgoing.size() > MOST_OUTGOING
        || (outgoing.size() > FEW_OUTGOING && !heap.hasRoomFor(0))) {
      link.violated("it does not take its messages");
    }
  }

  /** Without memory the node's thread does it: what is kept is as good as sent. */
  private void flushSoon() {
    try {
      flushOrWait();
    } catch (OutOfMemoryError e) {
      links.loop().stir();
    }
  }

  /** The caller holds the monitor. */
  private void flushOrWait() {
    if (flush()) {
      unsent = false;
    } else {
      watchFor(Epoll.EPOLLOUT);
    }
  }

  /** Sends what an Error has kept from being sent. */
  void settle() {
    if (unsent) {
      synchronized (this) {
        if (!closed) {
          flushOrWait();
        }
      }
    }
  }

  /** There is room again. */
  synchronized void writable() {
    if (!closed && flush()) {
      unsent = false;
      watchFor(0);
    }
  }

  /** Says whether what is to be read can't be read for now. */
  synchronized void starve(boolean is) {
    starved = is;
    if (!closed) {
      watchFor(unsent ? Epoll.EPOLLOUT : 0);
    }
  }

  /**
   * Watches the socket for what is to be read, and {@code more}. Where that can't be read for now,
   * the end of the peer is told once, instead of again and again.
   */
  private void watchFor(int more) {
    links.loop().watchFor(fd, link, (starved ? Epoll.EPOLLET : Epoll.EPOLLIN) | more);
  }

  /** Sends what can be sent; true if nothing is left. */
  private boolean flush() {
    for (Outgoing next = outgoing.peek(); next != null; next = outgoing.peek()) {
      try {
        if (!UnixSocket.send(fd, next.message, next.fds)) {
          return false;
        }
      } catch (IOException e) {
        Log.debug(() -> "shm: " + link + ": " + Log.cause(e));
        if (!isGone(e)) {
          link.doom(); // It misses a message from now on, which is no better than an end.
        }
      }
      removeFirst();
      closeAll(next.fds);
    }
    return true;
  }

  /**
   * Whether the peer has ended. The socket tells of that, too, behind all that the peer has sent
   * before, and only then does the link die: there may be segments with bytes among that.
   */
  private static boolean isGone(IOException e) {
    return e instanceof ErrnoException failed
        && (failed.errno() == Errno.EPIPE || failed.errno() == Errno.ECONNRESET);
  }

  private void removeFirst() {
    outgoing.remove();
    links.bounds().heap.release(Bounds.MESSAGE_HEAP);
  }

  /** How many bytes of the heap's share it has, about. Any thread. */
  long heapBytes() {
    return (long) outgoing.size() * Bounds.MESSAGE_HEAP;
  }

  private static void closeAll(int[] fds) {
    for (int i = 0; i < fds.length; i++) {
      int fd = fds[i];
      if (fd >= 0) {
        Posix.close(fd);
        fds[i] = -1;
      }
    }
  }

  /** May be called again: what an Error has stopped goes on. */
  synchronized void close() {
    if (!closed) {
      // forgotten under the lock under which senders watch: a descriptor that is watched again
      // after this would be found watched by whoever gets its number next
      links.loop().forget(fd);
      links.closer().close(fd); // With what may lie in it.
      closed = true;
    }
    for (Outgoing next = outgoing.peek(); next != null; next = outgoing.peek()) {
      closeAll(next.fds);
      removeFirst();
    }
    unsent = false;
  }
}
