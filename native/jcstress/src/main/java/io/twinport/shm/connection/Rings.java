package io.twinport.shm.connection;

import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.link.Link;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.link.OwnWire;
import io.twinport.posix.Memory;
import java.nio.ByteBuffer;

/** Two ends of a link, whose segments have each other's ring. */
final class Rings {
  private static final OwnWire WIRE = Places.wire();

  /** An end that notes what it finds when it is told to look. */
  static final class Side extends Link {
    /** Where it looks. */
    long word;

    /** What it has found. */
    volatile long found;

    /** How often it has looked. */
    volatile int looks;

    Side() {
      super(Places.LINKS, -1, Places.PEER, WIRE);
    }

    /** One after the other, under the drain lock. */
    @Override
    protected void onEvent(ControlSegment segment, int slot, boolean again) {
      found = Memory.getLongAcquire(word);
      looks = looks + 1;
    }

    @Override
    protected void onMessage(byte type, ByteBuffer message, int[] fds) {}

    @Override
    protected void onDeath() {}

    @Override
    protected void tellOfDeath() {}
  }

  static final Places<Rings> ALL = new Places<>(Rings::new);

  final int seat;
  final Side near = new Side();
  final Side far = new Side();
  final ControlSegment nearSegment;

  /** Of the near end. */
  final long word;

  private Rings(int seat) {
    this.seat = seat;
    long one = Places.half();
    long other = Places.half();
    nearSegment = new ControlSegment(near, 0, 1, null, one, other, 20_000);
    near.addSegment(nearSegment);
    far.addSegment(new ControlSegment(far, 0, 1, null, other, one, 20_000));
    word = nearSegment.ownSlot(0) + LinkLayout.TAIL;
    far.word = word;
  }

  /** Nothing is left in the ring, and the far end is awake. */
  Rings quiet() {
    far.poll(true);
    Places.LINKS.board().announceAwake(seat);
    Memory.putLong(word, 0);
    far.found = 0;
    far.looks = 0;
    return this;
  }
}
