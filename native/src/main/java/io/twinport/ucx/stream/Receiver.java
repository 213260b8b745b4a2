package io.twinport.ucx.stream;

import io.twinport.posix.Memory;
import io.twinport.stream.ProtocolViolation;
import io.twinport.ucx.pipe.PipeDriver;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * What a pipe brings: takes the frames apart, keeps the bytes until they are read, and counts what
 * the peer may send.
 *
 * <p>Why no credit is lost: the reader stores its position and then loads {@link #creditAt};
 * whoever has the lock stores that after it has loaded the position. A reader that still finds the
 * old one attends once more than needed; one that has passed the new one attends.
 */
abstract class Receiver {
  /** So many bytes are read before the peer is told: seldom, and long before it runs dry. */
  private static final int CREDIT_BYTES = Frames.WINDOW / 4;

  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Inbox in = new Inbox();

  /** Set before anything arrives. */
  private PipeDriver driver;

  // -- with the driver's lock held

  /** Bytes of frames' words that have arrived in pieces, and how many. */
  private int word;

  private int wordBytes;

  /** Bytes of the current DATA frame that are still to come. */
  private int bodyLeft;

  private boolean finReceived;

  /** Bytes that have arrived, ever; up to where they may. */
  private long received;

  private long granted = Frames.WINDOW;

  /** Urgent bytes that passed the stream by. */
  private long passedBy;

  /** The application reads no more. */
  private boolean deaf;

  // -- stored under the driver's lock, read by anybody

  /** Once the reader has come so far, the peer is due a credit. */
  private volatile long creditAt = CREDIT_BYTES;

  /**
   * Whether the next sweep is planned once all is read: a stream that nobody reads costs no time.
   */
  private volatile boolean sweepWaits;

  /** Stored by any thread. */
  private volatile boolean urgentInline;

  final void open(PipeDriver aDriver) {
    driver = aDriver;
  }

  /**
   * A frame that carries no bytes of the stream has arrived. Lock held.
   *
   * @param type one of {@link Frames}; FIN comes here, too
   * @return whether more may follow
   */
  abstract boolean control(int type, int value) throws ProtocolViolation;

  // -- the reader; any thread

  /** Takes what is there; returns the number of bytes, 0 if there are none. */
  final int read(ByteBuffer dst) {
    return in.read(dst);
  }

  /** As {@link #read(ByteBuffer)}, into {@code length} bytes of an array. */
  final int read(byte[] dst, int offset, int length) {
    return in.read(dst, offset, length);
  }

  /** Bytes that a read would return. */
  final int unread() {
    return in.unread();
  }

  /** Bytes read so far. */
  final long moved() {
    return in.head();
  }

  /** Whether what was read calls for {@link #credit} or {@link #planSweep}. */
  final boolean wantsAttention() {
    return in.head() - creditAt >= 0 || (sweepWaits && in.unread() == 0);
  }

  final void takeUrgentInline(boolean inline) {
    urgentInline = inline;
  }

  // -- with the driver's lock held

  /**
   * Takes what has arrived, in pieces of any size.
   *
   * @throws ProtocolViolation if the peer says what it must not
   */
  final void received(long address, int length) throws ProtocolViolation {
    long end = address + length;
    boolean more = true;
    for (long at = address; at < end && more; ) {
      if (bodyLeft > 0) {
        int count = (int) Math.min(bodyLeft, end - at);
        arrived(at, count);
        bodyLeft -= count;
        at += count;
      } else if (wordBytes == 0 && end - at >= Frames.HEADER_BYTES) {
        more = frame(Memory.getInt(at));
        at += Frames.HEADER_BYTES;
      } else {
        word |= (Memory.getByte(at++) & 0xff) << (Byte.SIZE * wordBytes);
        if (++wordBytes == Frames.HEADER_BYTES) {
          int whole = word;
          word = 0;
          wordBytes = 0;
          more = frame(whole);
        }
      }
    }
  }

  private boolean frame(int header) throws ProtocolViolation {
    int type = Frames.type(header);
    int value = Frames.value(header);
    switch (type) {
      case Frames.DATA -> {
        expect(value);
        bodyLeft = value;
        return true;
      }
      case Frames.URGENT -> {
        expect(1);
        urgent((byte) value);
        return true;
      }
      default -> {
        finReceived |= type == Frames.FIN;
        return control(type, value);
      }
    }
  }

  private void expect(int bytes) throws ProtocolViolation {
    if (bytes == 0 || bytes > granted - received || finReceived) {
      throw new ProtocolViolation(
          bytes
              + " bytes"
              + (finReceived ? " behind the end" : ", credit " + (granted - received)));
    }
    received += bytes;
  }

  private void arrived(long address, int length) {
    if (!deaf && in.append(address, length)) {
      driver.schedule(SWEEP_NANOS, this::sweep);
    }
  }

  private void urgent(byte b) {
    if (deaf) {
      return;
    }
    if (!urgentInline) {
      passedBy++;
      creditAt = nextCreditAt();
      return;
    }
    long at = Memory.allocate(1);
    try {
      Memory.putByte(at, b);
      arrived(at, 1);
    } finally {
      Memory.free(at);
    }
  }

  private long nextCreditAt() {
    return granted - Frames.WINDOW - passedBy + CREDIT_BYTES;
  }

  /** How many bytes more the peer has to be told now that it may send; mostly 0. */
  final int credit() {
    if (deaf || in.head() - creditAt < 0) {
      return 0;
    }
    int read = (int) (position() - (granted - Frames.WINDOW));
    granted += read;
    creditAt = nextCreditAt();
    return read;
  }

  /** How many of the peer's bytes have been taken, ever. */
  private long position() {
    return in.head() + passedBy;
  }

  /** Gives memory back that an idle stream holds. */
  private void sweep() {
    if (in.sweep()) {
      return;
    }
    // stored before the look, as the reader stores its position and then looks at this
    sweepWaits = true;
    planSweep();
  }

  /** Plans the next sweep if that is due. */
  final void planSweep() {
    if (sweepWaits && in.unread() == 0) {
      sweepWaits = false;
      driver.schedule(SWEEP_NANOS, this::sweep);
    }
  }

  final boolean isStopped() {
    return deaf;
  }

  /**
   * The application reads no more: what has arrived and what still arrives is dropped.
   *
   * @return how many of the peer's bytes have been taken, ever
   */
  final long stop() {
    deaf = true;
    long taken = position();
    in.release();
    return taken;
  }
}
