package io.twinport.posix;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Copies that another core is about to read, with the C library's {@code memcpy}.
 *
 * <p>Before a store writes to a line that another core has read, the processor fetches the line
 * from there, although all of it is overwritten. Between cores that share no cache this is most of
 * what a copy costs. The string instructions with which {@code memcpy} copies some KiB and more do
 * without it, and the JDK's own copies don't use them. Measured over a stream, GB/s: writes of 64
 * KiB 8.9 before and 30 so, of 16 KiB 6.1 and 17; out of arrays 8.0 and 17, 6.1 and 15. Between
 * cores that share a cache there is nothing to gain: 48 and 45, 49 and 49; out of arrays 47 and 45,
 * 44 and 30.
 */
public final class SharedCopy {
  /**
   * Below, there is no gain that the call would not cost. Processors other than these are said to
   * see by themselves that lines are overwritten.
   */
  public static final int LEAST_BYTES =
      System.getProperty("os.arch").equals("amd64") ? 8 << 10 : Integer.MAX_VALUE;

  /**
   * Whether an error in a copy out of a buffer is thrown before the copy returns. Where it comes
   * later, the bytes of somebody else that are in a piece would be sent meanwhile.
   */
  private static final boolean ERRORS_AT_ONCE = Runtime.version().feature() >= 19;

  /**
   * What native code can't be given, an array or memory that may be a file's, goes through here, in
   * pieces.
   */
  private static final int PIECE_BYTES = 16 << 10;

  private static final int PIECES = 4 * Runtime.getRuntime().availableProcessors();

  /** That many longs are a line. */
  private static final int STRIDE = 8;

  /** Where the pieces are, each in a line of its own; 0 while one is in use. */
  private static final AtomicLongArray FREE = new AtomicLongArray(STRIDE * PIECES);

  static {
    for (int i = 0; i < PIECES; i++) {
      FREE.set(STRIDE * i, Memory.allocate(PIECE_BYTES));
    }
  }

  private SharedCopy() {}

  /**
   * Copies {@code length} bytes of a buffer, from the index {@code offset} on, to the address
   * {@code to}, all of whose memory is there. Does nothing if the bytes are not all within the
   * limit, if they are in a memory segment, which another thread may close, or where it can't tell,
   * or can't do without a piece that others use. Memory other than what {@link
   * ByteBuffer#allocateDirect} has allocated may be that of a file which others truncate. Native
   * code would not survive that, so it is not shown such memory.
   *
   * @return whether it did
   * @throws InternalError if the buffer is a file's that has become too short
   */
  public static boolean copy(ByteBuffer from, int offset, long to, int length) {
    if (offset < 0 || length > from.limit() - offset) {
      return false; // Changed by another thread. The caller's own copy says what is wrong.
    }
    if (!from.isDirect()) {
      return from.hasArray() && copy(from.array(), from.arrayOffset() + offset, to, length);
    }
    if (!DirectBuffers.KNOWN || DirectBuffers.isSegment(from)) {
      return false;
    }
    long start = DirectBuffers.address(from) + offset;
    try {
      if (!DirectBuffers.isAllocated(from, start, length)) {
        return ERRORS_AT_ONCE && copyInPieces(null, 0, start, to, length);
      }
      LibC.memcpy(to, start, length);
      return true;
    } finally {
      Reference.reachabilityFence(from);
    }
  }

  /**
   * Copies {@code length} bytes of an array, from {@code offset} on, to the address {@code to},
   * unless too many others do the same.
   *
   * @return whether it did
   */
  public static boolean copy(byte[] from, int offset, long to, int length) {
    Objects.checkFromIndexSize(offset, length, from.length);
    return copyInPieces(from, offset, 0, to, length);
  }

  /** Copies out of the array, or, if there is none, from the address. */
  private static boolean copyInPieces(byte[] array, int offset, long from, long to, int length) {
    int slot = STRIDE * (int) Math.floorMod(Thread.currentThread().getId(), (long) PIECES);
    long piece = FREE.getAndSet(slot, 0);
    if (piece == 0) {
      return false;
    }
    try {
      for (int done = 0; done < length; done += PIECE_BYTES) {
        int count = Math.min(PIECE_BYTES, length - done);
        if (array != null) {
          Memory.copy(array, offset + done, piece, count);
        } else {
          Memory.copy(from + done, piece, count);
        }
        LibC.memcpy(to + done, piece, count);
      }
    } finally {
      FREE.set(slot, piece);
    }
    return true;
  }
}
