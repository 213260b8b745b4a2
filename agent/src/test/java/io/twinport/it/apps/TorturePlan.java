package io.twinport.it.apps;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * What one connection of the torture carries and how its ends mean to end, the same at both ends:
 * the client's first bytes tell the server which plan it is.
 *
 * @param orderly whether both ends finish whatever else happens
 * @param up bytes from the client, with the header
 * @param down bytes from the server
 * @param chunk the most bytes of one read or write
 * @param pause whether readers take their time
 */
record TorturePlan(
    long seed,
    long id,
    boolean orderly,
    long up,
    long down,
    Ending client,
    Ending server,
    int chunk,
    boolean pause) {

  /** What an end does once it has written so much: everything there is, or less. */
  record Ending(How how, long at) {}

  enum How {
    /** Half-closes, reads up to the end of the stream, and closes. */
    FINISH,
    /** Closes at once, whatever is unread. */
    CLOSE,
    /** As {@link #CLOSE}, with {@code SO_LINGER} 0. */
    RESET
  }

  static final int HEADER_BYTES = 4 * Long.BYTES;
  static final int MOST_CHUNK_BYTES = 64 << 10;

  private static final long MAGIC = 0x746f727475726521L;
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final int FEWEST_CHUNK_BYTES = 64;
  private static final int MOST_CHUNKS = 4096;

  /** Most are small; one in twenty is more than a direction holds unread. */
  static TorturePlan of(long seed, long id, boolean orderly) {
    SplittableRandom random = new SplittableRandom(mix(mix(seed) ^ id));
    long up = HEADER_BYTES + bytes(random, orderly);
    long down = bytes(random, orderly);
    int chunk = FEWEST_CHUNK_BYTES << random.nextInt(11);
    chunk = (int) Math.max(chunk, Math.max(up, down) / MOST_CHUNKS);
    boolean pause = random.nextInt(8) == 0;
    return new TorturePlan(
        seed,
        id,
        orderly,
        up,
        down,
        ending(random, orderly, up),
        ending(random, orderly, down),
        chunk,
        pause);
  }

  private static long bytes(SplittableRandom random, boolean orderly) {
    if (!orderly && random.nextInt(20) == 0) {
      return random.nextLong(12 << 20);
    }
    return random.nextLong(1L << random.nextInt(orderly ? 18 : 22));
  }

  private static Ending ending(SplittableRandom random, boolean orderly, long all) {
    int kind = random.nextInt(10);
    if (orderly || kind < 6) {
      return new Ending(How.FINISH, all);
    }
    return new Ending(kind < 8 ? How.CLOSE : How.RESET, random.nextLong(all + 1));
  }

  /** The plan that a header names, or null if it is none. */
  static TorturePlan read(ByteBuffer header) {
    long magic = header.getLong();
    long seed = header.getLong();
    long id = header.getLong();
    long orderly = header.getLong();
    boolean right = magic == MAGIC && (orderly & ~1) == 0;
    return right ? of(seed, id, orderly == 1) : null;
  }

  /** Fills a buffer with what a direction has from that offset on. */
  void fill(ByteBuffer buffer, boolean upwards, long offset) {
    long key = key(upwards);
    int at = buffer.position();
    long place = offset;
    while (at < buffer.limit()) {
      if ((place & 7) == 0 && buffer.limit() - at >= Long.BYTES) {
        buffer.putLong(at, word(key, upwards, place >>> 3));
        at += Long.BYTES;
        place += Long.BYTES;
      } else {
        buffer.put(at++, octet(key, upwards, place++));
      }
    }
  }

  /** How many bytes of a buffer are not what a direction has from that offset on. */
  int wrong(ByteBuffer buffer, boolean upwards, long offset) {
    long key = key(upwards);
    int wrong = 0;
    int at = buffer.position();
    long place = offset;
    while (at < buffer.limit()) {
      boolean whole = (place & 7) == 0 && buffer.limit() - at >= Long.BYTES;
      if (whole && buffer.getLong(at) == word(key, upwards, place >>> 3)) {
        at += Long.BYTES;
        place += Long.BYTES;
      } else if (buffer.get(at++) != octet(key, upwards, place++)) {
        wrong++;
      }
    }
    return wrong;
  }

  /**
   * Of bytes that are wrong: how many are at a second look, which ones, and where they belong, if
   * anywhere in that direction.
   */
  String describe(ByteBuffer buffer, boolean upwards, long offset) {
    int again = wrong(buffer, upwards, offset);
    long key = key(upwards);
    int first = -1;
    int last = -1;
    for (int i = 0; i < buffer.remaining(); i++) {
      if (buffer.get(buffer.position() + i) != octet(key, upwards, offset + i)) {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    String text = again + "," + first + "-" + last + "of" + buffer.remaining() + "@" + offset;
    if (first < 0 || last - first < 2 * Long.BYTES) {
      return text + ",few";
    }
    long found = buffer.getLong(buffer.position() + first + 4);
    for (long place = 0; place < (upwards ? up : down); place++) {
      boolean here = true;
      for (int i = 0; here && i < Long.BYTES; i++) {
        here = octet(key, upwards, place + i) == (byte) (found >>> (56 - 8 * i));
      }
      if (here) {
        return text + ",belong@" + (place - 4) + ",by" + (place - 4 - offset - first);
      }
    }
    return text + ",found" + Long.toHexString(found);
  }

  private long key(boolean upwards) {
    return mix(mix(seed + (upwards ? 1 : 2)) ^ id);
  }

  private byte octet(long key, boolean upwards, long place) {
    return (byte) (word(key, upwards, place >>> 3) >>> (56 - ((place & 7) << 3)));
  }

  private long word(long key, boolean upwards, long index) {
    if (upwards && index < HEADER_BYTES / Long.BYTES) {
      return switch ((int) index) {
        case 0 -> MAGIC;
        case 1 -> seed;
        case 2 -> id;
        default -> orderly ? 1 : 0;
      };
    }
    return mix(key + index * GOLDEN);
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
