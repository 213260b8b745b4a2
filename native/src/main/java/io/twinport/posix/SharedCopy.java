package io.twinport.posix;

import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;
import jdk.internal.misc.Unsafe;

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

  private static final Unsafe UNSAFE = Unsafe.getUnsafe();

  // What a buffer keeps to itself: where it is, and what its memory depends on.
  private static final Class<?> DIRECT = ByteBuffer.allocateDirect(0).getClass();
  private static final long ADDRESS = offset(Buffer.class, "address");
  private static final long SEGMENT = offset(Buffer.class, "segment");
  private static final long FILE = offset(MappedByteBuffer.class, "fd");
  private static final long ROOT = offset(DIRECT, "att");
  private static final long CLEANER = offset(DIRECT, "cleaner");
  private static final boolean SEES_BUFFERS =
      LongStream.of(ADDRESS, SEGMENT, FILE, ROOT, CLEANER).allMatch(found -> found >= 0);

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
   * {@code to}, all of whose pages have been written before. Does nothing if the bytes are not all
   * within the limit, or if they are in a memory segment, which another thread may close. Memory
   * that is a file's which others truncate, or may be, because it is not what {@link
   * ByteBuffer#allocateDirect} makes, is never shown to native code: it would not survive that.
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
    if (!SEES_BUFFERS || UNSAFE.getReference(from, SEGMENT) != null) {
      return false;
    }
    long start = UNSAFE.getLong(from, ADDRESS) + offset;
    try {
      if (!isAllocated(from)) {
        return copyInPieces(null, 0, start, to, length);
      }
      LibC.memcpy(to, start, length);
      return true;
    } finally {
      Reference.reachabilityFence(from);
    }
  }

  /** Whether the buffer's memory is what {@link ByteBuffer#allocateDirect} has made. */
  private static boolean isAllocated(ByteBuffer buffer) {
    Object root = UNSAFE.getReference(buffer, ROOT);
    return UNSAFE.getReference(buffer, FILE) == null
        && UNSAFE.getReference(DIRECT.isInstance(root) ? root : buffer, CLEANER) != null;
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

  private static long offset(Class<?> owner, String field) {
    try {
      return UNSAFE.objectFieldOffset(owner, field);
    } catch (InternalError noSuchField) {
      return -1; // Not a JDK that we know.
    }
  }
}
