package io.twinport.capture;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Records on their way from the threads that read and write to the one that sends them: a ring of a
 * fixed size, which takes nothing while it is full. Whoever puts a record claims its place, fills
 * it, and publishes it; nobody waits for anybody. Records are taken in the order in which they were
 * claimed, each once it is published.
 *
 * <p>A record may have others follow it that were claimed later, by a link: they are taken with it,
 * and skipped in their own place. So what is about to be written can claim its place before it is
 * known how much that will be, and before anybody can answer it.
 *
 * <p>A place is a position that grows for ever; its lowest bits say where in the ring it is. In
 * front of a record there is its link, a position or {@link #NONE}.
 */
final class CaptureQueue {
  static final long NONE = -1;

  /** The smallest ring, which has room for some of the longest records. In bytes. */
  static final int LEAST = 1 << 20;

  private static final int LINK = Long.BYTES;

  /** Places begin at multiples of that. */
  private static final int GRAIN_BITS = 6;

  private static final int GRAIN = 1 << GRAIN_BITS;

  private final byte[] bytes;
  private final ByteBuffer view;
  private final int mask;

  /** What is not for bytes of streams, so that their ends find room. */
  private final int reserve;

  /**
   * At the first grain of a place: how many bytes it takes, once it is published; negative if it is
   * skipped; 0 before, and everywhere else.
   */
  private final AtomicIntegerArray published;

  private final AtomicLong tail = new AtomicLong();
  private volatile long head;
  private volatile boolean closed;

  /** The thread that takes records, while it waits for some. */
  private volatile Thread waiting;

  /**
   * @param capacity in bytes, a power of two, at least {@link #LEAST}
   */
  CaptureQueue(int capacity) {
    bytes = new byte[capacity];
    view = ByteBuffer.wrap(bytes);
    mask = capacity - 1;
    reserve = capacity / 16;
    published = new AtomicIntegerArray(capacity >> GRAIN_BITS);
  }

  int capacity() {
    return bytes.length;
  }

  // -- Who puts records

  /**
   * Claims a place, without waiting.
   *
   * @param length of the record, at most {@link CaptureFormat#LONGEST}
   * @param isData whether it is one of many that may be missed
   * @return where, or {@link #NONE} if there is no room
   */
  long claim(int length, boolean isData) {
    int size = size(length);
    int most = isData ? bytes.length - reserve : bytes.length;
    while (!closed) {
      long at = tail.get();
      int index = (int) at & mask;
      int left = bytes.length - index;
      int padding = size > left ? left : 0;
      long used = at + padding + size - head;
      if (used > most) {
        wake();
        return NONE;
      }
      if (used > bytes.length / 4) {
        wake(); // Before there is a place that an Error would leave without an owner.
      }
      if (tail.compareAndSet(at, at + padding + size)) {
        if (padding != 0) {
          publish(at, -padding);
        }
        view.putLong((int) (at + padding) & mask, NONE);
        view.putInt(start(at + padding) + CaptureFormat.LENGTH, 0);
        return at + padding;
      }
    }
    return NONE;
  }

  private static int size(int length) {
    return (LINK + length + GRAIN - 1) & -GRAIN;
  }

  /** Where the record of a place begins in {@link #view}. */
  private int start(long place) {
    return ((int) place & mask) + LINK;
  }

  /**
   * Fills a header; the record carries what {@link #fill} has put behind it. A place without one
   * has no record of its own, but may have others follow it.
   */
  void header(
      long place,
      byte kind,
      byte direction,
      int flags,
      long connection,
      long time,
      long position,
      int count,
      int carried) {
    int at = start(place);
    view.put(at + CaptureFormat.KIND, kind);
    view.put(at + CaptureFormat.DIRECTION, direction);
    view.putShort(at + CaptureFormat.FLAGS, (short) flags);
    view.putLong(at + CaptureFormat.CONNECTION, connection);
    view.putLong(at + CaptureFormat.TIME, time);
    view.putLong(at + CaptureFormat.POSITION, position);
    view.putInt(at + CaptureFormat.BYTES, count);
    view.putInt(at + CaptureFormat.CARRIED, carried);
    view.putInt(at + CaptureFormat.LENGTH, CaptureFormat.HEADER + carried);
  }

  /** Fills what a record carries; does not move the buffer's position. */
  void fill(long place, ByteBuffer from, int index, int count) {
    from.get(index, bytes, start(place) + CaptureFormat.HEADER, count);
  }

  /** As {@link #fill(long, ByteBuffer, int, int)}. */
  void fill(long place, byte[] from, int index, int count) {
    System.arraycopy(from, index, bytes, start(place) + CaptureFormat.HEADER, count);
  }

  /** Has {@code follower} be taken with {@code place}, which is not published yet. */
  void link(long place, long follower) {
    view.putLong((int) place & mask, follower);
  }

  /** Has a record be taken in its turn. */
  void publish(long place, int lengthClaimed, boolean inItsPlace) {
    int size = size(lengthClaimed);
    publish(place, inItsPlace ? size : -size);
  }

  private void publish(long place, int mark) {
    published.setRelease(((int) place & mask) >> GRAIN_BITS, mark);
  }

  /** Has whoever takes records look for some. */
  void wake() {
    Thread sleeper = waiting;
    if (sleeper != null) {
      waiting = null;
      LockSupport.unpark(sleeper);
    }
  }

  // -- Who takes them, one thread

  /** Waits until there may be a record. */
  void await(long nanos) {
    waiting = Thread.currentThread();
    if (isEmpty()) {
      LockSupport.parkNanos(this, nanos);
    }
    waiting = null;
  }

  /** Whether the next place is not published yet. */
  boolean isEmpty() {
    return mark() == 0;
  }

  /** Whether there is nothing that was claimed. */
  boolean isDrained() {
    return head == tail.get();
  }

  private int mark() {
    return published.getAcquire(((int) head & mask) >> GRAIN_BITS);
  }

  /** The first place that is published and not skipped, or {@link #NONE}. */
  long first() {
    int mark;
    while ((mark = mark()) < 0) {
      advance(-mark);
    }
    return mark == 0 ? NONE : head;
  }

  /** The bytes of a place's record; 0 if it has none of its own. */
  int length(long place) {
    return view.getInt(start(place) + CaptureFormat.LENGTH);
  }

  /** Copies a record out. */
  void copy(long place, ByteBuffer into) {
    into.put(bytes, start(place), length(place));
  }

  /** What is taken behind a place, or {@link #NONE}. */
  long follower(long place) {
    return view.getLong((int) place & mask);
  }

  /** Gives the {@link #first} place back, with what follows it. */
  void release() {
    advance(mark());
  }

  private void advance(int size) {
    long at = head;
    published.setPlain(((int) at & mask) >> GRAIN_BITS, 0);
    head = at + size;
  }

  /** Takes nothing any more; what was claimed can still be published and taken. */
  void close() {
    closed = true;
  }
}
