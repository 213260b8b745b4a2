package io.twinport.shm.connection;

import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.shm.link.Links;
import io.twinport.shm.link.OwnWire;
import io.twinport.shm.link.PeerBells;
import io.twinport.shm.memory.Bounds;
import io.twinport.shm.memory.LinkLayout;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * What states are made of: real links and segments take far too long to be made for each. There are
 * more than there are states at a time, and they are taken in turn.
 */
final class Places<P> {
  private static final int COUNT = 512;

  /** What links of this process share. */
  static final Links LINKS;

  /** This process, as a peer that is rung. */
  static final PeerBells PEER;

  static {
    try {
      Posix.load(null);
      LINKS = new Links(new Bounds(1L << 30), List.of(), 1 << 16);
      LINKS.start(now -> Long.MAX_VALUE, now -> Long.MAX_VALUE);
      int wire = Posix.wire();
      PEER = new PeerBells(LINKS, LINKS.board().fd(), wire);
      for (int seat = 1; seat <= COUNT; seat++) {
        if (!PEER.add(seat, wire, true)) {
          throw new IllegalStateException("too few descriptors: ulimit -n " + 32 * COUNT);
        }
      }
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Object[] places = new Object[COUNT];
  private final AtomicInteger next = new AtomicInteger();

  /**
   * @param made is given the number of a seat that is its own
   */
  Places(IntFunction<P> made) {
    for (int i = 0; i < COUNT; i++) {
      places[i] = made.apply(i + 1);
    }
  }

  @SuppressWarnings("unchecked")
  P next() {
    return (P) places[Integer.remainderUnsigned(next.getAndIncrement(), COUNT)];
  }

  /** Memory for one half of a segment with one slot. */
  static long half() {
    int bytes = LinkLayout.slotOffset(1, 1);
    long address = Memory.allocate(bytes + 64L) + 63 & -64L;
    Memory.fill(address, bytes, (byte) 0);
    return address;
  }

  static OwnWire wire() {
    try {
      return OwnWire.ofSeat0();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
