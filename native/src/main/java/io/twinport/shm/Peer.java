package io.twinport.shm;

import io.twinport.config.Log;
import io.twinport.posix.Errno;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.spi.Bell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The process at the other end of a link, as far as waking it goes: its board and the bells it has
 * sent.
 */
final class Peer {
  private final long board;

  /**
   * Descriptors by seat number, -1 where none was sent. Grown and replaced under this object's
   * monitor.
   */
  private volatile int[] bells;

  /**
   * The sleepSeq for which a seat was rung last. Races between threads of ours ring twice, never
   * not at all.
   */
  private final long[] rung = new long[LinkLayout.SEATS];

  /**
   * @param boardFd the peer's board, checked to be sealed memory; stays the caller's
   * @param bellFd the bell of seat 0; stays the caller's
   */
  Peer(int boardFd, int bellFd) throws IOException {
    if (!Posix.isSealedMemory(boardFd, Posix.PEER_SEALS)
        || Posix.size(boardFd) < LinkLayout.BOARD_BYTES) {
      throw new IOException(
          "the peer's board is not a sealed memfd of " + LinkLayout.BOARD_BYTES + " bytes");
    }
    int[] first = new int[1];
    int bell = open(bellFd);
    boolean mapped = false;
    try {
      board = Posix.mapReadOnly(boardFd, 0, LinkLayout.BOARD_BYTES);
      mapped = true;
    } finally {
      if (!mapped) {
        Posix.close(bell);
      }
    }
    first[0] = bell;
    bells = first;
  }

  /**
   * Opens a bell that the peer has sent for ourselves: the flags of what it has open are its to
   * change, and a pipe that it makes blocking, and full, would stop us.
   */
  private static int open(int fd) throws IOException {
    // a FIFO in some file system is a pipe as well, but to open it may take the help of whoever
    // serves that
    if (!Posix.isPipeToWrite(fd)
        || !Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString().startsWith("pipe:")) {
      throw new IOException("a bell is not a pipe to write to");
    }
    return Posix.reopenToWrite(fd);
  }

  /**
   * Takes note of a bell.
   *
   * @param fd stays the caller's
   */
  synchronized void bell(int number, int fd) throws IOException {
    if (number < 0 || number >= LinkLayout.SEATS) {
      throw new IOException("bell " + number);
    }
    int[] old = bells;
    if (number < old.length && old[number] >= 0) {
      // a number keeps its pipe as long as its process lives, and wake() may be writing to it right
      // now
      return;
    }
    int[] grown = Arrays.copyOf(old, Math.max(old.length, number + 1));
    Arrays.fill(grown, old.length, grown.length, -1);
    try {
      grown[number] = open(fd); // From here on nothing fails.
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EMFILE && e.errno() != Errno.ENFILE) {
        throw e;
      }
      Log.debug(() -> "shm: bell " + number + " is not taken: " + Log.cause(e));
      return; // The peer's own thread is rung for that seat.
    }
    bells = grown;
  }

  private int target(int seat) {
    int[] known = bells;
    return seat > 0 && seat < known.length && known[seat] >= 0 ? seat : 0;
  }

  /**
   * Rings {@code seat} if it sleeps. The caller has pushed an event and made a full fence; the
   * sleeper stores its odd sleepSeq, makes a full fence and looks at the rings once more. So either
   * we see it asleep, or it sees the event.
   *
   * <p>A seat whose bell has not arrived yet is woken by the peer's own thread: seat 0, which then
   * posts to it.
   *
   * @return whether it slept; otherwise it looks at the rings before it sleeps, which may take it a
   *     while
   */
  boolean wake(int seat) {
    int number = target(seat);
    long sequence = Memory.getLongAcquire(board + (long) number * LinkLayout.SEAT_BYTES);
    if ((sequence & 1) == 0) {
      return false;
    }
    if (rung[number] == sequence) {
      return true;
    }
    int[] known = bells;
    if (number < known.length && known[number] >= 0) {
      // a full pipe wakes its reader as well, and one without a reader belongs to a process that is
      // gone
      Posix.ring(known[number], Bell.from(Posix.currentCore()));
    }
    // noted behind the ring, which an Error may have kept from happening
    rung[number] = sequence;
    return true;
  }

  /** Gives board and bells back. Nobody calls {@link #wake} any more. */
  synchronized void close() throws IOException {
    for (int fd : bells) {
      if (fd >= 0) {
        Posix.close(fd);
      }
    }
    bells = new int[0];
    Posix.unmap(board, LinkLayout.BOARD_BYTES);
  }
}
