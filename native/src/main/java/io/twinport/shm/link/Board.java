package io.twinport.shm.link;

import io.twinport.config.Log;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.shm.memory.LinkLayout;
import java.io.IOException;

/**
 * The memory in which this process tells all its peers which of its seats sleep. Only the owner of
 * a seat says so of it; the node's thread is the owner of seat 0.
 */
public final class Board {
  private final int fd;
  private final long address;

  /** Makes one on which all seats are awake. */
  public Board() throws IOException {
    int file = Posix.memfd("twinport-board", LinkLayout.BOARD_BYTES);
    long mapped = 0;
    boolean sealed = false;
    try {
      mapped = Posix.mapReadWrite(file, 0, LinkLayout.BOARD_BYTES);
      Posix.seal(file, Posix.PEER_SEALS);
      sealed = true;
    } finally {
      if (!sealed) {
        Posix.close(file);
        if (mapped != 0) {
          unmap(mapped);
        }
      }
    }
    fd = file;
    address = mapped;
  }

  /** What peers are given. Stays this board's. */
  public int fd() {
    return fd;
  }

  /** Gives a board's memory back, an own one's or a peer's. */
  static void unmap(long address) {
    try {
      Posix.unmap(address, LinkLayout.BOARD_BYTES);
    } catch (IOException e) {
      Log.warn("shm: the board's memory could not be given back: " + Log.cause(e));
    }
  }

  /** Of a node that has not started: no peer has it. */
  void close() {
    Posix.close(fd);
    unmap(address);
  }

  /** Says that the owner of a seat sleeps. Only the owner calls. */
  public void announceSleep(int seat) {
    if (seat < LinkLayout.SEATS) {
      long word = address + (long) seat * LinkLayout.SEAT_BYTES;
      long sequence = Memory.getLong(word);
      if ((sequence & 1) == 0) {
        Memory.putLongRelease(word, sequence + 1);
      }
    }
    // also for a seat that is not on the board: its owner looks at what our own threads store
    Memory.fullFence();
  }

  /** Says that the owner of a seat is awake. Only the owner calls. */
  public void announceAwake(int seat) {
    if (seat < LinkLayout.SEATS) {
      long word = address + (long) seat * LinkLayout.SEAT_BYTES;
      long sequence = Memory.getLong(word);
      if ((sequence & 1) != 0) {
        Memory.putLongRelease(word, sequence + 1);
      }
    }
  }

  /** Whether the node's thread sleeps, or is about to. Behind a full fence of the caller. */
  boolean sleepsAtSeat0() {
    return (Memory.getLongAcquire(address) & 1) != 0;
  }

  /** Says from which core seat {@code number} of a peer is rung next. */
  void ringsFrom(int number, int core) {
    long word = address + (long) number * LinkLayout.SEAT_BYTES + LinkLayout.RUNG_FROM;
    // Only if it is another: the peer looks there.
    if (Memory.getInt(word) != core) {
      Memory.putInt(word, core);
    }
  }
}
