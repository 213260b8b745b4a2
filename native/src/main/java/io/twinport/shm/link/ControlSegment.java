package io.twinport.shm.link;

import io.twinport.posix.Memory;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.memory.OwnMemory;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Both halves of a control segment, mapped: the own one to write, the peer's to read. Holds the
 * event rings.
 *
 * <p>A slot's number stands in a ring at most once, so a ring with as many places as there are
 * slots can't overflow.
 *
 * <p>An Error may end a push or a drain at any call: at the end of the caller's stack, or for want
 * of memory. What is left to do is therefore said by fields, which are stored without a call, and
 * whoever comes next does it. The locks are monitors: to leave one takes no call either.
 */
public final class ControlSegment {
  public final int id;
  public final int slots;
  final OwnMemory memory;
  final long own;
  final long peer;

  /** The port of slot 0; slot i has {@code portBase + i}. Known once the server has answered. */
  public final int portBase;

  private final Link link;
  private final PeerBells peerBells;

  /** The first segment of the link, perhaps this one: it stays until all of them are closed. */
  private final ControlSegment first;

  private final AtomicReferenceArray<Occupant> occupants;

  private final Object pushLock = new Object();
  // guarded by pushLock
  private final long[] lastPushed;
  private long pushed;

  /** How many of those the peer can see; less than {@code pushed} only after an Error. */
  private long published;

  private final Object drainLock = new Object();

  /** Whether somebody has drainLock. A hint. */
  private boolean draining;

  // guarded by drainLock

  /** A look at all slots has begun; behind an Error it has not come to its end. */
  private boolean looking;

  /** The events taken out of the ring, each at its place there. */
  private final int[] batch;

  private long taken;

  /** How many events were handed to the link; read without the lock, as a hint. */
  private volatile long handled;

  // guarded by both locks for writing
  private boolean closed;

  /** Called by the node's thread; {@link Link#addSegment} follows. */
  public ControlSegment(
      Link link, int id, int slots, OwnMemory memory, long own, long peer, int portBase) {
    this.link = link;
    this.peerBells = link.peerBells();
    ControlSegment[] before = link.segments();
    this.first = before.length == 0 ? this : before[0];
    this.id = id;
    this.slots = slots;
    this.memory = memory;
    this.own = own;
    this.peer = peer;
    this.portBase = portBase;
    this.occupants = new AtomicReferenceArray<>(slots);
    this.lastPushed = new long[slots];
    this.batch = new int[slots];
  }

  /** Where a slot lies in the own half. */
  public long ownSlot(int slot) {
    return own + LinkLayout.slotOffset(slots, slot);
  }

  /** Where a slot lies in the peer's half. */
  public long peerSlot(int slot) {
    return peer + LinkLayout.slotOffset(slots, slot);
  }

  /** Who is in a slot; null if nobody is. */
  public Occupant occupant(int slot) {
    return occupants.get(slot);
  }

  /** Puts somebody into a slot if nobody is there; returns whether that was so. */
  public boolean enter(int slot, Occupant occupant) {
    return occupants.compareAndSet(slot, null, occupant);
  }

  /** Puts somebody into a slot. */
  public void occupant(int slot, Occupant occupant) {
    occupants.set(slot, occupant);
  }

  /** The slot is not {@code occupant}'s any more, if it was. */
  public void leave(int slot, Occupant occupant) {
    occupants.compareAndSet(slot, occupant, null);
  }

  boolean isEmpty() {
    for (int i = 0; i < slots; i++) {
      if (occupants.get(i) != null) {
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
   * push again, or the peer's look sees our change. Modelled in {@code events.pml}.
   */
  public void push(int slot) {
    synchronized (pushLock) {
      if (closed) {
        return;
      }
      if (lastPushed[slot] <= Memory.getLongAcquire(peer + LinkLayout.RING_HEAD)) {
        Memory.putInt(own + LinkLayout.RING + (pushed & (slots - 1)) * 4, slot);
        pushed++;
        lastPushed[slot] = pushed;
      }
      if (published != pushed) {
        Memory.putLongRelease(own + LinkLayout.RING_TAIL, pushed);
        Memory.getAndAddLong(first.own + LinkLayout.PUSHES, 1);
        published = pushed;
      }
    }
  }

  /**
   * Pushes an event for {@code slot} and rings {@code seat} if it sleeps. The caller has published
   * and fenced.
   *
   * @return whether the seat slept
   */
  public boolean notifyPeer(int slot, int seat) {
    push(slot);
    Memory.fullFence();
    return peerBells.wake(seat);
  }

  /** Whether the peer has pushed what was not handed to the link here. A hint, without a lock. */
  boolean hasEvents() {
    return Memory.getLongAcquire(peer + LinkLayout.RING_TAIL) != handled;
  }

  /**
   * Takes the peer's events and hands them to the link, after those that a thread has taken which
   * an Error has stopped. An event is handed over again if the link had not finished with it.
   *
   * @param thoroughly whether to wait for another thread that is just doing so
   * @return whether there is none left of those that had been pushed before
   */
  boolean drain(boolean thoroughly) {
    if (!hasEvents()) {
      return true;
    }
    if (draining && !thoroughly) {
      return false;
    }
    synchronized (drainLock) {
      draining = true;
      try {
        return closed || ((taken == handled || handOver(true)) && take() && handOver(false));
      } catch (Throwable e) {
        // others get on with what is left, at once if the node's thread can be told
        link.links.loop().stir();
        throw e;
      } finally {
        draining = false;
      }
    }
  }

  /** Takes the peer's events, and then has the link look at each slot, be it pushed or not. */
  public void handleAll() {
    drain(true);
    synchronized (drainLock) {
      boolean again = looking;
      looking = true;
      for (int i = 0; !closed && i < slots; i++) {
        link.onLook(this, i, again);
      }
      looking = false;
    }
  }

  /** Moves what is in the ring into the batch, which is empty. */
  private boolean take() {
    long from = taken;
    long tail = Memory.getLongAcquire(peer + LinkLayout.RING_TAIL);
    long count = tail - from;
    if (count < 0 || count > slots) {
      link.violated("event ring at " + tail + " after " + from);
      return false;
    }
    for (long i = from; i < tail; i++) {
      int place = (int) i & (slots - 1);
      batch[place] = Memory.getInt(peer + LinkLayout.RING + place * 4L);
    }
    taken = tail;
    return true;
  }

  /**
   * @param again whether the link may have begun with the first of them
   */
  private boolean handOver(boolean again) {
    // see push(): the fence stands between giving the places back and looking at the slots
    Memory.putLongRelease(own + LinkLayout.RING_HEAD, taken);
    Memory.fullFence();
    long next = handled;
    while (next < taken) {
      int slot = batch[(int) next & (slots - 1)];
      if (slot < 0 || slot >= slots) {
        link.violated("event for slot " + slot + " of " + slots);
        return false;
      }
      link.onEvent(this, slot, again);
      next++;
      handled = next;
    }
    return true;
  }

  /**
   * Waits for threads that push or drain, and keeps others from beginning. The memory can be
   * replaced afterwards.
   */
  void close() {
    synchronized (drainLock) {
      synchronized (pushLock) {
        closed = true;
      }
    }
  }

  /**
   * As {@link #close}, unless there is a connection. Connections of the server's end begin under
   * the drain lock, so none can begin between the look and the closing.
   */
  public boolean closeIfEmpty() {
    synchronized (drainLock) {
      if (!isEmpty()) {
        return false;
      }
      close();
      return true;
    }
  }
}
