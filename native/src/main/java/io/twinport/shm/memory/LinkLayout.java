package io.twinport.shm.memory;

import io.twinport.stream.Ending;

/**
 * Where everything lies in shared memory. All words are in native byte order; 64-bit words are
 * 8-byte aligned.
 *
 * <p>A <b>control segment</b> is two memfds of the same shape, one written by the client process,
 * one by the server:
 *
 * <pre>
 *   0                64               128              192
 *   +----------------+----------------+----------------+-----------------------+----------------------------+
 *   | ringTail       | ringHead       | pushes         | ring: int[slots]      | slots × SLOT_BYTES         |
 *   +----------------+----------------+----------------+-----------------------+----------------------------+
 *   ringTail  events this side has pushed          ringHead  events of the other half's ring consumed here
 *   pushes    in the link's first segment: events this side has pushed in all of them
 *
 *   slot:
 *   0        8        16            64       128       136      144         152       160        168       176
 *   +--------+--------+-------------+--------+---------+--------+-----------+---------+----------+---------+
 *   | tail   | state  | extentCount | head   | readArm | readSeat| spaceArm | spaceSeat| connectArm| verdict|
 *   +--------+--------+-------------+--------+---------+--------+-----------+---------+----------+---------+
 *   176: urgentInline
 *   Lines of 64 bytes: 0 is the writer's, and whoever closes says so there; 64 the reader's; 128 theirs
 *   who begin to wait, and the verdict, which is given once; 192 is written before the slot is in use;
 *   256 the writer's.
 *   readSeat is also the seat of a connect that waits, and in a permit's slot the listener's.
 *   connectArm is the generation whose verdict is waited for, or 0.
 *   192: permit, port, family, address (client half)         256: extents: EXTENTS × {start, reference}
 * </pre>
 *
 * <p>A <b>board</b> is one memfd per process: {@code sleepSeq} of seat i at {@code i * SEAT_BYTES},
 * odd while its owner sleeps. 8 bytes behind that stands from which core this process has last rung
 * seat i of any peer: a hint for who sleeps there.
 *
 * <p>An <b>extent</b> says where a part of the byte stream lies: from stream position {@code start}
 * on, byte {@code p} is at {@code (p - start) & (size - 1)} of the chunk that {@code reference}
 * names.
 */
public final class LinkLayout {
  public static final int WIRE_VERSION = 3;

  // control segment header
  public static final int RING_TAIL = 0;
  public static final int RING_HEAD = 64;
  public static final int PUSHES = 128;
  public static final int RING = 192;

  // slot
  public static final int TAIL = 0;
  public static final int STATE = 8;
  public static final int EXTENT_COUNT = 16;
  public static final int HEAD = 64;
  public static final int READ_ARM = 128;
  public static final int READ_SEAT = 136;
  public static final int SPACE_ARM = 144;
  public static final int SPACE_SEAT = 152;
  public static final int CONNECT_ARM = 160;
  public static final int VERDICT = 168;

  /** 1 if this side reads urgent bytes in its stream. */
  public static final int URGENT_INLINE = 176;

  public static final int PERMIT = 192;
  public static final int PORT = 196;
  public static final int FAMILY = 200;
  public static final int ADDRESS = 204;
  public static final int EXTENT_TABLE = 256;
  public static final int SLOT_BYTES = 384;

  /** Extents of one stream that can be described at a time. */
  public static final int EXTENTS = 8;

  public static final int EXTENT_BYTES = 16;

  // state word: generation << 16 | flags
  public static final long OPEN = 1;
  public static final long REQUESTED = 1 << 1;
  public static final long CANCELLED = 1 << 2;

  /** No more bytes follow {@code tail}. */
  public static final long FIN = Ending.FIN;

  /** This side has closed its end. */
  public static final long CLOSED = Ending.CLOSED;

  /** This side has closed with a reset. */
  public static final long RESET = Ending.RESET;

  /** This side never touches its half of the slot again for this generation. */
  public static final long DONE = 1 << 6;

  // verdict word (server half): generation << 16 | Reason.onWire() << 8 | code of a Request

  public static final int MIN_SLOTS = 64;
  public static final int MAX_SLOTS = 1024;

  /** Control segments' ids lie below; behind the last comes the first that is free. */
  public static final int SEGMENT_IDS = Integer.MAX_VALUE / MAX_SLOTS;

  // board
  public static final int SEAT_BYTES = 64;
  public static final int SEATS = 1024;

  /** In a seat's place on the board. */
  public static final int RUNG_FROM = 8;

  public static final int BOARD_BYTES = SEATS * SEAT_BYTES;

  /** Value of an arm word that no stream position equals. */
  public static final long NOT_ARMED = -1;

  /** The most unread bytes of one direction: what loopback TCP takes, rounded to a power of two. */
  public static final int MAX_UNREAD = 4 << 20;

  /** The smallest chunk that is leased, log2 bytes. */
  public static final int MIN_CHUNK_LOG2 = 12;

  /** The largest chunk that is leased, log2 bytes. */
  public static final int MAX_CHUNK_LOG2 = 22;

  private LinkLayout() {}

  /** Bytes of one half of a control segment, a multiple of the page size. */
  public static int halfBytes(int slots) {
    return (slotOffset(slots, slots) + 4095) & ~4095;
  }

  public static int slotOffset(int slots, int slot) {
    return ((RING + slots * 4 + 63) & ~63) + slot * SLOT_BYTES;
  }

  public static long word(int generation, long flags) {
    return (long) generation << 16 | flags;
  }

  public static int generation(long word) {
    return (int) (word >>> 16);
  }

  public static long verdict(int generation, int code, int reason) {
    return (long) generation << 16 | (long) reason << 8 | code;
  }

  public static int code(long verdict) {
    return (int) verdict & 0xff;
  }

  public static int reason(long verdict) {
    return (int) (verdict >>> 8) & 0xff;
  }

  /** Names a chunk: the data segment's id, the chunk's offset in pages, and its size. */
  public static long reference(int segment, int offset, int log2) {
    return (long) segment << 32 | (long) (offset >>> MIN_CHUNK_LOG2) << 8 | log2;
  }

  public static int segment(long reference) {
    return (int) (reference >>> 32);
  }

  public static long offset(long reference) {
    return (reference >>> 8 & 0xffffff) << MIN_CHUNK_LOG2;
  }

  public static int log2(long reference) {
    return (int) reference & 0xff;
  }
}
