package io.twinport.it.apps;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A stream of random bytes that goes out and is expected back, and the hashes of both. */
final class RandomStream {
  private final SplittableRandom random;
  private final MessageDigest sent = sha256();
  private final MessageDigest received = sha256();
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
    sent.update(buffer.duplicate());
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
    return toReceive == 0 && Arrays.equals(sent.digest(), received.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
