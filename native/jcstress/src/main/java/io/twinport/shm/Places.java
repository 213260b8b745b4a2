package io.twinport.shm;

import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.link.OwnWire;
import io.twinport.config.Settings;
import io.twinport.host.LocalAddresses;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * What states are made of: real links and segments take far too long to be made for each. There are
 * more than there are states at a time, and they are taken in turn.
 */
final class Places<P> {
  private static final int COUNT = 512;

  /** This process, to itself. */
  static final Node NODE;

  /** This process, as a peer that is rung. */
  static final Peer PEER;

  static {
    try {
      NODE = new Node(Settings.defaults(), new LocalAddresses());
      int wire = Posix.wire();
      Field board = Node.class.getDeclaredField("boardFd");
      board.setAccessible(true);
      PEER = new Peer(NODE, board.getInt(NODE), wire);
      for (int seat = 1; seat <= COUNT; seat++) {
        if (!PEER.bell(seat, wire, true)) {
          throw new IllegalStateException("too few descriptors: ulimit -n " + 32 * COUNT);
        }
      }
    } catch (IOException | ReflectiveOperationException e) {
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
