package io.twinport.posix;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import jdk.internal.misc.Unsafe;

/** What direct buffers keep to themselves: where their memory is, and whose. */
final class DirectBuffers {
  private static final Unsafe UNSAFE = Unsafe.getUnsafe();

  private static final Class<?> DIRECT = find("java.nio.DirectByteBuffer");
  private static final long ADDRESS = offset(Buffer.class, "address");
  private static final long SEGMENT = offset(Buffer.class, "segment");

  /** The buffer that a slice or duplicate was made of. */
  private static final long ROOT = offset(DIRECT, "att");

  private static final long CLEANER = offset(DIRECT, "cleaner");

  // What frees the memory that ByteBuffer.allocateDirect has allocated; the first up to JDK 25.
  private static final Class<?> OLD_CLEANERS = find("jdk.internal.ref.Cleaner");
  private static final Class<?> CLEANERS =
      OLD_CLEANERS != null ? OLD_CLEANERS : find("java.nio.BufferCleaner$PhantomCleaner");
  private static final long FREES = offset(CLEANERS, OLD_CLEANERS != null ? "thunk" : "action");
  private static final Class<?> DEALLOCATOR = find("java.nio.DirectByteBuffer$Deallocator");
  private static final long START = offset(DEALLOCATOR, "address");
  private static final long SIZE = offset(DEALLOCATOR, "size");

  /** Whether {@link #address} and {@link #isSegment} know this JDK's buffers. */
  static final boolean KNOWN = (ADDRESS | SEGMENT) >= 0;

  private static final boolean ALLOCATIONS_KNOWN = (ROOT | CLEANER | FREES | START | SIZE) >= 0;

  private DirectBuffers() {}

  /** Where index 0 of a direct buffer is. */
  static long address(ByteBuffer buffer) {
    return UNSAFE.getLong(buffer, ADDRESS);
  }

  /** Whether the memory is a segment's, which another thread may close. */
  static boolean isSegment(ByteBuffer buffer) {
    return UNSAFE.getReference(buffer, SEGMENT) != null;
  }

  /**
   * Whether {@code length} bytes at {@code start} are memory that {@link ByteBuffer#allocateDirect}
   * has allocated for this buffer, or for the one that it is a part of. Of a buffer that was given
   * another address they are not, nor of a file that is mapped. On a JDK that is not known, none
   * are.
   */
  static boolean isAllocated(ByteBuffer buffer, long start, long length) {
    if (!ALLOCATIONS_KNOWN) {
      return false;
    }
    Object parent = UNSAFE.getReference(buffer, ROOT);
    Object root = DIRECT.isInstance(parent) ? parent : buffer;
    Object cleaner = UNSAFE.getReference(root, CLEANER);
    Object frees = CLEANERS.isInstance(cleaner) ? UNSAFE.getReference(cleaner, FREES) : null;
    if (!DEALLOCATOR.isInstance(frees)) {
      return false;
    }
    // Where the memory was freed by hand: 0, or what it was.
    long allocated = UNSAFE.getLong(frees, START);
    return start >= allocated && start + length <= allocated + UNSAFE.getLong(frees, SIZE);
  }

  private static Class<?> find(String name) {
    try {
      return Class.forName(name, false, null);
    } catch (ClassNotFoundException notAJdkThatWeKnow) {
      return null;
    }
  }

  private static long offset(Class<?> owner, String field) {
    if (owner == null) {
      return -1;
    }
    try {
      return UNSAFE.objectFieldOffset(owner, field);
    } catch (InternalError notAJdkThatWeKnow) {
      return -1;
    }
  }
}
