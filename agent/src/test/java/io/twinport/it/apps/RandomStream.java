package io.twinport.it.apps;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * A stream of random bytes that goes out and is expected back, and the hashes of both. Two
 * checksums stand for a hash, as they are fast however far a compiler has come: a test is to wait
 * for the transport.
 */
final class RandomStream {
  private final SplittableRandom random;
  private final Hash sent = new Hash();
  private final Hash received = new Hash();
  private long toSend;
  private long toReceive;

  RandomStream(long seed, long bytes) {
    random = new SplittableRandom(seed);
    toSend = bytes;
    toReceive = bytes;
  }

  /**
   * Fills the cleared buffer with what is to be sent next; leaves it empty at the end. Used by one
   * thread.
   */
  void next(ByteBuffer buffer) {
    buffer.clear();
    int length = (int) Math.min(buffer.capacity() & ~7, toSend);
    for (int i = 0; i < length; i += Long.BYTES) {
      buffer.putLong(i, random.nextLong());
    }
    buffer.limit(length);
    sent.update(buffer);
    toSend -= length;
  }

  /** Takes what came back. Used by one thread, which need not be the one that sends. */
  void took(ByteBuffer buffer) {
    toReceive -= buffer.remaining();
    received.update(buffer);
  }

  boolean sentAll() {
    return toSend == 0;
  }

  boolean receivedAll() {
    return toReceive <= 0;
  }

  /** Whether exactly the bytes that went out came back; asked once, at the end. */
  boolean equal() {
    return toReceive == 0 && sent.value() == received.value();
  }

  private static final class Hash {
    private final CRC32C low = new CRC32C();
    private final CRC32 high = new CRC32();

    void update(ByteBuffer bytes) {
      low.update(bytes.duplicate());
      high.update(bytes.duplicate());
    }

    long value() {
      return high.getValue() << 32 | low.getValue();
    }
  }
}
