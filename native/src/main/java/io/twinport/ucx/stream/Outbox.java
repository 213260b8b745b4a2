package io.twinport.ucx.stream;

import io.twinport.posix.Memory;
import io.twinport.stream.ProtocolViolation;
import io.twinport.stream.SpinLock;
import io.twinport.ucx.pipe.Chunk;
import io.twinport.ucx.pipe.Chunks;
import io.twinport.ucx.pipe.Pipe;
import io.twinport.ucx.pipe.PipeDriver;
import java.nio.ByteBuffer;

/**
 * The frames of one direction that the pipe has not been given yet. The writer puts bytes into the
 * last chunk, whoever holds the {@link PipeDriver}'s lock takes chunks away; a lock of its own
 * keeps the two apart.
 *
 * <p>Nobody who holds the driver's lock waits for a writer: {@link #flush} does nothing if one is
 * at work. So whoever has written has to see to it that there is a flush afterwards.
 *
 * <p>While the pipe is busy the last chunk waits until it is full: what is written meanwhile goes
 * in one piece.
 */
public final class Outbox extends SpinLock {
  /** How many chunks, here and in the pipe, one connection has at most; a bit more for control. */
  public static final int MOST_CHUNKS = 32;

  /** With so many chunks unsent the pipe is busy. */
  private static final int BUSY = 2;

  private final Chunks.Waiter waiter;

  // of the driver's lock
  private int creditDue;
  private long creditSent;
  private long endPosition;
  private boolean finSent;
  private boolean endSent;

  // stored by any thread, once
  private volatile boolean finWanted;
  private volatile int endWanted;

  /** Nothing is sent any more. */
  private volatile boolean discarded;

  /** How far may be written, ever. Stored under the driver's lock. */
  private volatile long limit = Frames.WINDOW;

  /** Chunks that the pipe has. Stored under the driver's lock. */
  private volatile int inPipe;

  /** Whether the pool knows that we wait. Set under the own lock, cleared under the driver's. */
  private volatile boolean starved;

  // guarded by the own lock for writing
  private final Chunks chunks;
  private Chunk first;
  private Chunk last;

  /** Where in the last chunk the DATA frame begins that its end belongs to, or -1. */
  private int frame = -1;

  private volatile int queued;
  private volatile boolean roomInLast;

  /** Bytes written, ever. */
  private volatile long written;

  /**
   * @param waiter told when a write or a flush that found no chunk may find one
   */
  Outbox(Chunks chunks, Chunks.Waiter waiter) {
    this.chunks = chunks;
    this.waiter = waiter;
  }

  // -- the writer

  /** Takes as many bytes as there is room for; returns how many, 0 if there is no room. */
  int write(ByteBuffer src) {
    int total = write(src, null, src.position(), src.remaining());
    src.position(src.position() + total);
    return total;
  }

  /** As {@link #write(ByteBuffer)}, from {@code length} bytes of an array. */
  int write(byte[] src, int offset, int length) {
    return write(null, src, offset, length);
  }

  /** Copies from the buffer, whose position stays, or from the array if that is not null. */
  private int write(ByteBuffer buffer, byte[] array, int offset, int length) {
    lock();
    try {
      long before = written;
      int wanted = isFinished() ? 0 : (int) Math.min(limit - before, length);
      int total = 0;
      while (total < wanted && (roomInLast || add())) {
        Chunk chunk = last;
        if (frame < 0) {
          frame = chunk.limit;
          chunk.limit += Frames.HEADER_BYTES;
        }
        int count = Math.min(chunk.capacity() - chunk.limit, wanted - total);
        if (array != null) {
          Memory.copy(array, offset + total, chunk.address() + chunk.limit, count);
        } else {
          chunk.view().put(chunk.limit, buffer, offset + total, count);
        }
        chunk.limit += count;
        total += count;
        Memory.putInt(
            chunk.address() + frame,
            Frames.word(Frames.DATA, chunk.limit - frame - Frames.HEADER_BYTES));
        roomInLast = hasRoom(chunk);
      }
      written = before + total;
      return total;
    } finally {
      held = false;
    }
  }

  /** Writes a byte of urgent data; returns 1, or 0 if there is no room. */
  int writeUrgent(byte b) {
    lock();
    try {
      long before = written;
      if (isFinished() || limit == before || !(roomInLast || add())) {
        return 0;
      }
      append(Frames.word(Frames.URGENT, b & 0xff));
      written = before + 1;
      return 1;
    } finally {
      held = false;
    }
  }

  /**
   * Whether a write would take at least one byte. Any thread; exact for the writer, unless another
   * connection takes the last chunk.
   */
  boolean isWritable() {
    return limit != written && (roomInLast || (queued + inPipe < MOST_CHUNKS && !starved));
  }

  /** Appends an empty chunk; false if there is none to be had. */
  private boolean add() {
    return queued + inPipe < MOST_CHUNKS && addAnyway();
  }

  private boolean addAnyway() {
    Chunk chunk = chunks.take();
    if (chunk == null) {
      if (starved) {
        return false;
      }
      // set before the pool knows it: its answer, which clears it, may come at once
      starved = true;
      chunk = chunks.take(waiter);
      if (chunk == null) {
        return false;
      }
      starved = false;
    }
    if (last == null) {
      first = chunk;
    } else {
      last.next = chunk;
    }
    last = chunk;
    frame = -1;
    int before = queued;
    queued = before + 1;
    roomInLast = true;
    return true;
  }

  /** Appends a frame without a body to the last chunk, which has room. */
  private void append(int word) {
    Chunk chunk = last;
    Memory.putInt(chunk.address() + chunk.limit, word);
    chunk.limit += Frames.HEADER_BYTES;
    frame = -1;
    roomInLast = hasRoom(chunk);
  }

  /** Room for a frame of one byte, or for a header and so for any other frame. */
  private static boolean hasRoom(Chunk chunk) {
    return chunk.capacity() - chunk.limit > Frames.HEADER_BYTES;
  }

  /** No more bytes will be written. Any thread; a flush has to follow. */
  void fin() {
    finWanted = true;
  }

  /** Whether nothing may be written any more; a write then takes nothing. */
  boolean isFinished() {
    return finWanted || endWanted != 0;
  }

  // -- with the driver's lock held

  /**
   * The peer may be sent {@code bytes} more.
   *
   * @throws ProtocolViolation if that is more than were sent
   */
  void addLimit(int bytes) throws ProtocolViolation {
    long newLimit = limit + bytes;
    if (bytes == 0 || newLimit - Frames.WINDOW > written) {
      throw new ProtocolViolation("credit for " + bytes + " bytes that were not sent");
    }
    limit = newLimit;
  }

  /** Tells the peer, with the next flush, that it may send {@code bytes} more. */
  void sendCredit(int bytes) {
    creditDue += bytes;
  }

  /**
   * The last thing to be sent, with the next flush.
   *
   * @param type {@link Frames#CLOSE}, behind all that was written, or {@link Frames#RESET}, instead
   *     of what is not sent yet
   * @param read how many of the peer's bytes were read, ever
   */
  void end(int type, long read) {
    endPosition = read;
    endWanted = type;
  }

  /**
   * How many of the bytes that were written nobody has read, if the peer has read {@code more}
   * behind those it has given credit for.
   */
  long unreadAfter(int more) {
    return written - (limit - Frames.WINDOW + more);
  }

  /** An estimate of the bytes that the peer has not read: it gives credit for many at a time. */
  int unread() {
    return (int) Math.max(0, Math.min(unreadAfter(0), Frames.WINDOW));
  }

  /** Bytes written so far. Any thread. */
  long moved() {
    return written;
  }

  /** How many more the peer would take. Any thread. */
  int window() {
    return (int) Math.max(0, Math.min(limit - written, Frames.WINDOW));
  }

  /** {@link Chunks.Waiter#chunkFree} was called. A flush has to follow. */
  void chunkFree() {
    starved = false;
  }

  /** Nothing is sent any more. A flush, which gives back what is here, has to follow. */
  void discard() {
    discarded = true;
  }

  /** Whether the pipe has all that will ever be sent. */
  boolean isEndSent() {
    return endSent;
  }

  /**
   * Gives the pipe what is worth sending now, unless a writer is at work.
   *
   * @param pipe may be null once {@link #discard} was called
   */
  void flush(Pipe pipe) {
    if (!tryLock()) {
      return;
    }
    Chunk sending;
    try {
      if (discarded || (endWanted == Frames.RESET && !endSent)) {
        giveBackAll();
      }
      if (discarded) {
        return;
      }
      appendControl();
      sending = detach(endSent || pipe.unsent() < BUSY);
    } finally {
      held = false;
    }
    while (sending != null) {
      Chunk next = sending.next;
      sending.next = null;
      pipe.send(sending);
      sending = next;
    }
    inPipe = pipe.unsent();
  }

  /** Appends what is due besides bytes, as far as there are chunks for it. */
  private void appendControl() {
    if (endSent) {
      return;
    }
    if (creditDue > 0 && endWanted == 0 && hasRoomForControl()) {
      append(Frames.word(Frames.CREDIT, creditDue));
      creditSent += creditDue;
      creditDue = 0;
    }
    if (finWanted && !finSent && hasRoomForControl()) {
      append(Frames.word(Frames.FIN, 0));
      finSent = true;
    }
    if (endWanted != 0 && (finSent || !finWanted) && hasRoomForControl()) {
      int value = endWanted == Frames.CLOSE ? (int) (endPosition - creditSent) : 0;
      append(Frames.word(endWanted, value));
      endSent = true;
    }
  }

  private boolean hasRoomForControl() {
    return roomInLast || addAnyway();
  }

  /** Takes the chunks to be sent away: the full ones, and the last one if that is worth it. */
  private Chunk detach(boolean lastToo) {
    Chunk sending = first;
    if (sending == null) {
      return null;
    }
    if (lastToo || !roomInLast) {
      first = null;
      last = null;
      frame = -1;
      queued = 0;
      roomInLast = false;
      return sending;
    }
    if (first == last) {
      return null;
    }
    Chunk beforeLast = first;
    int count = 1;
    for (; beforeLast.next != last; beforeLast = beforeLast.next) {
      count++;
    }
    beforeLast.next = null;
    first = last;
    int before = queued;
    queued = before - count;
    return sending;
  }

  private void giveBackAll() {
    for (Chunk chunk = detach(true); chunk != null; ) {
      Chunk next = chunk.next;
      chunk.giveBack();
      chunk = next;
    }
  }
}
