package io.twinport.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final int SIZE = 256;

  private long block;

  @BeforeEach
  void allocate() {
    block = Memory.allocate(SIZE);
    Memory.fill(block, SIZE, (byte) 0);
  }

  @AfterEach
  void free() {
    Memory.free(block);
  }

  @Test
  void everyWidthIsWhereItWasPut() {
    Memory.putByte(block, (byte) -1);
    Memory.putShort(block + 2, (short) 0x0203);
    Memory.putInt(block + 4, 0x0405_0607);
    Memory.putLong(block + 8, 0x0809_0a0b_0c0d_0e0fL);
    assertEquals(-1, Memory.getByte(block));
    assertEquals(0x0203, Memory.getShort(block + 2));
    assertEquals(0x0405_0607, Memory.getInt(block + 4));
    assertEquals(0x0809_0a0b_0c0d_0e0fL, Memory.getLong(block + 8));
    byte[] bytes = new byte[16];
    Memory.copy(block, bytes, 0, 16);
    assertArrayEquals(new byte[] {-1, 0, 3, 2, 7, 6, 5, 4, 15, 14, 13, 12, 11, 10, 9, 8}, bytes);
  }

  @Test
  void ordersReadWhatOrdersWrote() {
    Memory.putByteRelease(block, (byte) 1);
    assertEquals(1, Memory.getByteAcquire(block));
    Memory.putByteVolatile(block, (byte) 2);
    assertEquals(2, Memory.getByteVolatile(block));

    Memory.putIntOpaque(block, 3);
    assertEquals(3, Memory.getIntOpaque(block));
    Memory.putIntRelease(block, 4);
    assertEquals(4, Memory.getIntAcquire(block));
    Memory.putIntVolatile(block, 5);
    assertEquals(5, Memory.getIntVolatile(block));

    Memory.putLongOpaque(block + 8, 6);
    assertEquals(6, Memory.getLongOpaque(block + 8));
    Memory.putLongRelease(block + 8, 7);
    assertEquals(7, Memory.getLongAcquire(block + 8));
    Memory.putLongVolatile(block + 8, 8);
    assertEquals(8, Memory.getLongVolatile(block + 8));
    Memory.fullFence();
    Memory.loadFence();
    Memory.storeFence();
    assertEquals(5, Memory.getInt(block));
  }

  @Test
  void updatesAreAtomicSteps() {
    assertTrue(Memory.compareAndSetInt(block, 0, 9));
    assertFalse(Memory.compareAndSetInt(block, 0, 10));
    assertEquals(9, Memory.getAndAddInt(block, -2));
    assertEquals(7, Memory.getInt(block));
    assertTrue(Memory.compareAndSetLong(block + 8, 0, 1L << 40));
    assertFalse(Memory.compareAndSetLong(block + 8, 0, 1));
    assertEquals(1L << 40, Memory.getAndAddLong(block + 8, 1));
    assertEquals((1L << 40) + 1, Memory.getLong(block + 8));
  }

  @Test
  void bytesAreCopiedBothWays() {
    byte[] from = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      from[i] = (byte) i;
    }
    Memory.copy(from, 10, block + 1, 100);
    assertEquals(0, Memory.getByte(block));
    assertEquals(0, Memory.getByte(block + 101));
    byte[] to = new byte[SIZE];
    Memory.copy(block + 1, to, 5, 100);
    for (int i = 0; i < 100; i++) {
      assertEquals(i + 10, to[i + 5]);
    }
    assertEquals(0, to[4]);
    assertEquals(0, to[105]);

    Memory.copy(block + 1, block + 3, 100);
    for (int i = 0; i < 100; i++) {
      assertEquals(i + 10, Memory.getByte(block + 3 + i));
    }
  }
}
