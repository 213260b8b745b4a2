package io.twinport.posix;

import jdk.internal.misc.Unsafe;

/**
 * Raw memory by address. The memory-order word of a method's name is that of {@link
 * java.lang.invoke.VarHandle}. Nothing is checked: callers check addresses, lengths and alignment;
 * every access with a memory order is to an aligned address.
 *
 * <p>Needs {@code java.base/jdk.internal.misc} exported to this module.
 */
public final class Memory {
  private static final Unsafe UNSAFE = Unsafe.getUnsafe();

  /** Where an array's first byte is. */
  private static final long BYTES = arrayBaseOffset();

  private Memory() {}

  /** Allocates {@code size} bytes of the process's own memory, not zeroed. */
  public static long allocate(long size) {
    return UNSAFE.allocateMemory(size);
  }

  /** Frees what {@link #allocate} returned. */
  public static void free(long address) {
    UNSAFE.freeMemory(address);
  }

  /** The size of a page, in bytes. */
  public static int pageSize() {
    return UNSAFE.pageSize();
  }

  public static byte getByte(long address) {
    return UNSAFE.getByte(address);
  }

  public static void putByte(long address, byte value) {
    UNSAFE.putByte(address, value);
  }

  public static byte getByteAcquire(long address) {
    return UNSAFE.getByteAcquire(null, address);
  }

  public static byte getByteVolatile(long address) {
    return UNSAFE.getByteVolatile(null, address);
  }

  public static void putByteRelease(long address, byte value) {
    UNSAFE.putByteRelease(null, address, value);
  }

  public static void putByteVolatile(long address, byte value) {
    UNSAFE.putByteVolatile(null, address, value);
  }

  public static short getShort(long address) {
    return UNSAFE.getShort(address);
  }

  public static void putShort(long address, short value) {
    UNSAFE.putShort(address, value);
  }

  public static int getInt(long address) {
    return UNSAFE.getInt(address);
  }

  public static void putInt(long address, int value) {
    UNSAFE.putInt(address, value);
  }

  public static int getIntOpaque(long address) {
    return UNSAFE.getIntOpaque(null, address);
  }

  public static void putIntOpaque(long address, int value) {
    UNSAFE.putIntOpaque(null, address, value);
  }

  public static int getIntAcquire(long address) {
    return UNSAFE.getIntAcquire(null, address);
  }

  public static void putIntRelease(long address, int value) {
    UNSAFE.putIntRelease(null, address, value);
  }

  public static int getIntVolatile(long address) {
    return UNSAFE.getIntVolatile(null, address);
  }

  public static void putIntVolatile(long address, int value) {
    UNSAFE.putIntVolatile(null, address, value);
  }

  public static boolean compareAndSetInt(long address, int expected, int value) {
    return UNSAFE.compareAndSetInt(null, address, expected, value);
  }

  public static int getAndAddInt(long address, int delta) {
    return UNSAFE.getAndAddInt(null, address, delta);
  }

  public static long getLong(long address) {
    return UNSAFE.getLong(address);
  }

  public static void putLong(long address, long value) {
    UNSAFE.putLong(address, value);
  }

  public static long getLongOpaque(long address) {
    return UNSAFE.getLongOpaque(null, address);
  }

  public static void putLongOpaque(long address, long value) {
    UNSAFE.putLongOpaque(null, address, value);
  }

  public static long getLongAcquire(long address) {
    return UNSAFE.getLongAcquire(null, address);
  }

  public static void putLongRelease(long address, long value) {
    UNSAFE.putLongRelease(null, address, value);
  }

  public static long getLongVolatile(long address) {
    return UNSAFE.getLongVolatile(null, address);
  }

  public static void putLongVolatile(long address, long value) {
    UNSAFE.putLongVolatile(null, address, value);
  }

  public static boolean compareAndSetLong(long address, long expected, long value) {
    return UNSAFE.compareAndSetLong(null, address, expected, value);
  }

  public static long getAndAddLong(long address, long delta) {
    return UNSAFE.getAndAddLong(null, address, delta);
  }

  /** Orders all accesses before it with all accesses after it, stores before loads included. */
  public static void fullFence() {
    UNSAFE.fullFence();
  }

  public static void loadFence() {
    UNSAFE.loadFence();
  }

  public static void storeFence() {
    UNSAFE.storeFence();
  }

  /** Copies {@code length} bytes; the ranges may overlap. */
  public static void copy(long from, long to, long length) {
    UNSAFE.copyMemory(from, to, length);
  }

  /** Copies {@code length} bytes of an array, from {@code offset} on, to native memory. */
  public static void copy(byte[] from, int offset, long to, int length) {
    UNSAFE.copyMemory(from, BYTES + offset, null, to, length);
  }

  /** Copies {@code length} bytes of native memory into an array, from {@code offset} on. */
  public static void copy(long from, byte[] to, int offset, int length) {
    UNSAFE.copyMemory(null, from, to, BYTES + offset, length);
  }

  /** Sets {@code length} bytes to {@code value}. */
  public static void fill(long address, long length, byte value) {
    UNSAFE.setMemory(address, length, value);
  }

  /**
   * The constant and the method are {@code int} before JDK 25 and {@code long} since, so neither
   * can be linked.
   */
  private static long arrayBaseOffset() {
    try {
      return Unsafe.class.getField("ARRAY_BYTE_BASE_OFFSET").getLong(null);
    } catch (ReflectiveOperationException notThere) {
      throw new ExceptionInInitializerError(notThere);
    }
  }
}
