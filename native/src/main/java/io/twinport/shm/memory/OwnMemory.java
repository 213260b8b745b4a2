package io.twinport.shm.memory;

import io.twinport.posix.Posix;
import java.io.IOException;

/**
 * Memory of this process that one peer is given to read. It counts until nobody has it any more: a
 * peer may keep it for as long as it likes, and it stays charged to this process's account.
 *
 * <p>The kernel knows. The peer is given an open file of its own, and this process keeps another
 * one; a write lease on that is granted only while nobody else has the file open or mapped.
 */
public final class OwnMemory {
  private static final int NONE = -1;

  private final Bounds bounds;
  private final int bytes;
  private final boolean watched;

  /** To be mapped for writing; closed once that is done. */
  private int file = NONE;

  /** The peer's, until it is taken. */
  private int peers = NONE;

  /** Tells whether others have it. */
  private int watch = NONE;

  /** The next one in {@link KeptMemory}, which guards it. */
  OwnMemory next;

  private volatile boolean gone;

  private OwnMemory(Bounds bounds, int bytes, boolean watched) {
    this.bounds = bounds;
    this.bytes = bytes;
    this.watched = watched;
  }

  /** Makes some, if there may be more; else returns null. */
  public static OwnMemory create(Bounds bounds, String name, int bytes) throws IOException {
    if (!bounds.takeMemory(bytes)) {
      return null;
    }
    if (!bounds.files.tryReserve(1)) {
      bounds.memory.release(bytes);
      return null;
    }
    return of(bounds, name, bytes, true);
  }

  /**
   * Makes some that counts already, and gives that back if it can't.
   *
   * @param watched whether a descriptor is kept, which counts, too. Without it nobody knows what
   *     becomes of it, so that it counts only until this process gives it up
   */
  static OwnMemory of(Bounds bounds, String name, int bytes, boolean watched) throws IOException {
    boolean opened = false;
    try {
      OwnMemory memory = new OwnMemory(bounds, bytes, watched);
      memory.file = Posix.memfd(name, bytes);
      opened = true;
      return memory;
    } finally {
      if (!opened) {
        bounds.memory.release(bytes);
        if (watched) {
          bounds.files.release(1);
        }
      }
    }
  }

  boolean isWatched() {
    return watched;
  }

  /** The descriptor to be mapped for writing, before {@link #seal}. */
  public int file() {
    return file;
  }

  /** Lets nobody map it for writing any more, and opens it for the peer. */
  public void seal() throws IOException {
    Posix.seal(file, Posix.PEER_SEALS);
    if (watched) {
      watch = Posix.reopen(file);
      peers = Posix.reopen(file);
      close(file);
    } else {
      peers = file;
    }
    file = NONE;
  }

  /** The peer's descriptor, which is the caller's from here on. */
  public int takePeers() {
    int taken = peers;
    peers = NONE;
    return taken;
  }

  /**
   * This process does without it from here on, and has not mapped it any more. It is called once.
   */
  public void giveUp() {
    close(takePeers());
    close(file); // Else it would be taken for somebody else's.
    file = NONE;
    bounds.kept.add(this);
  }

  /** Whether it was given up, and nobody has it any more. */
  boolean isGone() {
    return gone;
  }

  /** Whether somebody else may have it. */
  boolean isKept() {
    return watch >= 0 && Posix.isOpenElsewhere(watch);
  }

  public int bytes() {
    return bytes;
  }

  /** Nobody has it any more. */
  void free() {
    gone = true;
    bounds.memory.release(bytes);
    if (watched) {
      bounds.files.release(1);
    }
    close(file);
    close(watch);
  }

  private static void close(int fd) {
    if (fd >= 0) {
      Posix.close(fd);
    }
  }
}
