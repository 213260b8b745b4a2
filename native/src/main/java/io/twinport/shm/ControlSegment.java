package io.twinport.shm;

import io.twinport.posix.Memory;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Both halves of a control segment, mapped: the own one to write, the peer's to read. Holds the
 * event rings.
 *
 * <p>A slot's number stands in a ring at most once, so a ring with as many places as there are
 * slots can't overflow.
 */
final class ControlSegment {
  final int id;
  final int slots;
  final long own;
  final long peer;

  /** The port of slot 0; slot i has {@code portBase + i}. Known once the server has answered. */
  final int portBase;

  private final Link link;

  /** The first segment of the link, perhaps this one: it stays until all of them are closed. */
  private final ControlSegment first;

  private final AtomicReferenceArray<ShmConnection> connections;

  private final Object pushLock = new Object();
  // guarded by pushLock
  private final long[] lastPushed;
  private long pushed;

  private final ReentrantLock drainLock = new ReentrantLock();
  // guarded by drainLock; also read without it, as a hint
  private volatile long consumed;
  private final int[] batch;

  // guarded by both locks for writing
  private boolean closed;

  /** Called by the node's thread; {@link Link#addSegment} follows. */
  ControlSegment(Link link, int id, int slots, long own, long peer, int portBase) {
    this.link = link;
    ControlSegment[] before = link.segments();
    this.first = before.length == 0 ? this : before[0];
    this.id = id;
    this.slots = slots;
    this.own = own;
    this.peer = peer;
    this.portBase = portBase;
    this.connections = new AtomicReferenceArray<>(slots);
    this.lastPushed = new long[slots];
    this.batch = new int[slots];
  }

  long ownSlot(int slot) {
    return own + LinkLayout.slotOffset(slots, slot);
  }

  long peerSlot(int slot) {
    return peer + LinkLayout.slotOffset(slots, slot);
  }

  ShmConnection connection(int slot) {
    return connections.get(slot);
  }

  void connection(int slot, ShmConnection connection) {
    connections.set(slot, connection);
  }

  boolean isEmpty() {
    for (int i = 0; i < slots; i++) {
      if (connections.get(i) != null) {
        return false;
      }
    }
    return true;
  }

  /**
   * Puts {@code slot} into the own event ring, unless it stands there already.
   *
   * <p>Nothing is lost by leaving it out: the caller changed shared state, made a full fence and
   * then found, by the peer's ringHead, that the entry has not been taken. The peer advances
   * ringHead, makes a full fence and only then looks at the slot. So either we see the advance and
   * push again, or the peer's look sees our change.
   */
  void push(int slot) {
    synchronized (pushLock) {
      if (closed || lastPushed[slot] > Memory.getLongAcquire(peer + LinkLayout.RING_HEAD)) {
        return;
      }
      Memory.putInt(own + LinkLayout.RING + (pushed & (slots - 1)) * 4, slot);
      pushed++;
      lastPushed[slot] = pushed;
      Memory.putLongRelease(own + LinkLayout.RING_TAIL, pushed);
      Memory.getAndAddLong(first.own + LinkLayout.PUSHES, 1);
    }
  }

  /** Whether the peer has pushed what nobody here has taken. A hint, without a lock. */
  boolean hasEvents() {
    return Memory.getLongAcquire(peer + LinkLayout.RING_TAIL) != consumed;
  }

  /**
   * Takes the peer's events and hands them to the link.
   *
   * @param thoroughly whether to wait for another thread that is just doing so
   * @return whether there is none left of those that had been pushed before
   */
  boolean drain(boolean thoroughly) {
    if (!hasEvents()) {
      return true;
    }
    if (thoroughly) {
      drainLock.lock();
    } else if (!drainLock.tryLock()) {
      return false;
    }
    try {
      if (closed) {
        return true;
      }
      long from = consumed;
      long tail = Memory.getLongAcquire(peer + LinkLayout.RING_TAIL);
      long count = tail - from;
      if (count < 0 || count > slots) {
        link.violated("event ring at " + tail + " after " + from);
        return false;
      }
      for (int i = 0; i < count; i++) {
        batch[i] = Memory.getInt(peer + LinkLayout.RING + ((from + i) & (slots - 1)) * 4);
      }
      consumed = tail;
      // see push(): the fence stands between giving the places back and looking at the slots
      Memory.putLongRelease(own + LinkLayout.RING_HEAD, tail);
      Memory.fullFence();
      for (int i = 0; i < count; i++) {
        int slot = batch[i];
        if (slot < 0 || slot >= slots) {
          link.violated("event for slot " + slot + " of " + slots);
          return false;
        }
        link.onEvent(this, slot);
      }
      return true;
    } finally {
      drainLock.unlock();
    }
  }

  /**
   * Waits for threads that push or drain, and keeps others from beginning. The memory can be
   * replaced afterwards.
   */
  void close() {
    drainLock.lock();
    try {
      synchronized (pushLock) {
        closed = true;
      }
    } finally {
      drainLock.unlock();
    }
  }

  /**
   * As {@link #close}, unless there is a connection. Connections of the server's end begin under
   * the drain lock, so none can begin between the look and the closing.
   */
  boolean closeIfEmpty() {
    drainLock.lock();
    try {
      if (!isEmpty()) {
        return false;
      }
      close();
      return true;
    } finally {
      drainLock.unlock();
    }
  }
}
