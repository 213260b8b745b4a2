package io.twinport.contract.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;

/** Random bytes that are sent and told apart by their hash. */
public final class Payload {
  private Payload() {}

  /** {@code length} bytes that are the same for the same {@code seed}. */
  public static byte[] random(long seed, int length) {
    byte[] bytes = new byte[length];
    SplittableRandom random = new SplittableRandom(seed);
    random.nextBytes(bytes);
    return bytes;
  }

  /** The SHA-256 of {@code bytes}, as hexadecimal digits. */
  public static String hash(byte[] bytes) {
    return hash(sha256(), bytes, bytes.length);
  }

  private static String hash(MessageDigest digest, byte[] bytes, int length) {
    digest.update(bytes, 0, length);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Writes {@code length} random bytes in pieces of random sizes and returns their hash. For
   * channels in blocking mode.
   */
  public static String send(SocketChannel channel, long seed, int length) throws IOException {
    byte[] bytes = random(seed, length);
    SplittableRandom sizes = new SplittableRandom(~seed);
    ByteBuffer source = ByteBuffer.wrap(bytes);
    while (source.position() < length) {
      int piece = Math.min(length - source.position(), 1 + sizes.nextInt(200_000));
      source.limit(source.position() + piece);
      while (source.hasRemaining()) {
        channel.write(source);
      }
    }
    return hash(bytes);
  }

  /** Reads {@code length} bytes in pieces of random sizes and returns their hash. */
  public static String receive(SocketChannel channel, long seed, int length) throws IOException {
    MessageDigest digest = sha256();
    SplittableRandom sizes = new SplittableRandom(seed);
    ByteBuffer target = ByteBuffer.allocateDirect(200_000);
    int received = 0;
    while (received < length) {
      target.clear().limit(Math.min(length - received, 1 + sizes.nextInt(target.capacity())));
      int n = channel.read(target);
      assertEquals(n, target.position(), "bytes read, after " + received + " of " + length);
      digest.update(target.flip());
      received += n;
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
