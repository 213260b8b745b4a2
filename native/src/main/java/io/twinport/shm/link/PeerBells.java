package io.twinport.shm.link;

import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.Bell;
import java.io.IOException;
import java.util.Arrays;

/**
 * The process at the other end of a link, as far as waking it goes: its board and the wires of the
 * bells that it has sent.
 */
public final class PeerBells {
  private final Links links;
  private long board;

  /** Where the peer says that nobody looks at the link; 0 until there is a segment. */
  private long resting;

  /**
   * The wires of the peer's bells, by seat number, -1 where none was sent; that of seat 0 is always
   * there. Grown and replaced under this object's monitor.
   */
  private volatile int[] bells;

  /**
   * The sleepSeq for which a seat was rung last. Races between threads of ours ring twice, never
   * not at all.
   */
  private final long[] rung = new long[LinkLayout.SEATS];

  /**
   * @param boardFd the peer's board; stays the caller's
   * @param wire the wire of seat 0's bell; stays the caller's if this throws
   */
  public PeerBells(Links links, int boardFd, int wire) throws IOException {
    this.links = links;
    if (!Posix.isSharable(boardFd, LinkLayout.BOARD_BYTES)) {
      throw new IOException(
          "the peer's board is not a sealed memfd of " + LinkLayout.BOARD_BYTES + " bytes");
    }
    check(wire);
    int[] first = {wire};
    board = Posix.mapReadOnly(boardFd, 0, LinkLayout.BOARD_BYTES);
    bells = first;
  }

  private static void check(int fd) throws IOException {
    if (!Posix.isEventfd(fd)) {
      throw new IOException("a bell's wire is not an event descriptor");
    }
  }

  /**
   * Takes note of a bell.
   *
   * @param wire its wire
   * @param keep whether there is a descriptor for it
   * @return whether that is kept; else the seat is woken by the peer's own thread, unless the bell
   *     is known already
   */
  public synchronized boolean add(int number, int wire, boolean keep) throws IOException {
    if (number < 1 || number >= LinkLayout.SEATS) {
      throw new IOException("bell " + number);
    }
    check(wire);
    int[] old = bells;
    if (number < old.length && old[number] >= 0) {
      return false; // A number keeps its wire, and wake() may be ringing it right now.
    }
    int[] grown = Arrays.copyOf(old, Math.max(old.length, number + 1));
    Arrays.fill(grown, old.length, grown.length, -1);
    if (!keep || !links.bounds().peersWires.tryReserve(1)) {
      return false;
    }
    grown[number] = wire; // From here on nothing fails.
    bells = grown;
    return true;
  }

  /**
   * The peer says at {@code address} whether nobody looks at the link. Called before anybody can
   * push.
   */
  void sayingAt(long address) {
    resting = address;
  }

  private int target(int seat) {
    int[] known = bells;
    return seat > 0 && seat < known.length && known[seat] >= 0 ? seat : 0;
  }

  /**
   * Rings {@code seat} if it sleeps. The caller has pushed an event and made a full fence; the
   * sleeper stores its odd sleepSeq, makes a full fence and looks at the rings once more. So either
   * we see it asleep, or it sees the event. Modelled in {@code wakeup.pml}.
   *
   * <p>A seat whose bell has not arrived yet is woken by the peer's own thread: seat 0, which then
   * posts to it. Where nobody looks at the link, that thread is rung in any case, asleep or not,
   * with each push: {@link Link#rest} has the argument why that is seen.
   *
   * @return whether it slept, or nobody looks; otherwise it looks at the rings before it sleeps,
   *     which may take it a while
   */
  public boolean wake(int seat) {
    if (resting != 0 && Memory.getLongAcquire(resting) != 0) {
      Posix.ring(bells[0]);
      return true;
    }
    int number = target(seat);
    long sequence = Memory.getLongAcquire(board + (long) number * LinkLayout.SEAT_BYTES);
    if ((sequence & 1) == 0) {
      return false;
    }
    if (rung[number] == sequence) {
      return true;
    }
    links.board().ringsFrom(number, Byte.toUnsignedInt(Bell.from(Posix.currentCore())));
    Posix.ring(bells[number]); // What keeps that from waking the peer is its own doing.
    // noted behind the ring, which an Error may have kept from happening
    rung[number] = sequence;
    return true;
  }

  /** The core from which the peer has last rung seat {@code number} of somebody. A hint. */
  int rungFrom(int number) {
    return Memory.getInt(board + (long) number * LinkLayout.SEAT_BYTES + LinkLayout.RUNG_FROM)
        & 0xff;
  }

  /** Gives board and bells back. Nobody calls {@link #wake} any more. */
  public synchronized void close() {
    int[] last = bells;
    for (int i = 0; i < last.length; i++) {
      int fd = last[i];
      if (fd >= 0) {
        last[i] = -1;
        if (i > 0) {
          links.bounds().peersWires.release(1);
        }
        Posix.close(fd);
      }
    }
    if (board != 0) {
      Board.unmap(board);
      board = 0;
    }
  }
}
