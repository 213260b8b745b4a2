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
 *   resting   8 bytes behind ringHead, in the link's first segment: 1 while nobody here looks at the link
 *   pushes    in the link's first segment: events this side has pushed in all of them
 *
 *   slot, by lines of LINE_BYTES:
 *     0  WRITERS_LINE   | tail:8 | state:8 | extentCount:8 |
 *    64  READERS_LINE   | head:8 |
 *   128  WAITERS_LINE   | readArm:8 | readSeat:8 | spaceArm:8 | spaceSeat:8 | connectArm:8 | verdict:8 | urgentInline:8 |
 *   192  REQUEST_LINE   | permit:4 | port:4 | family:4 | address:16 | (4) | claim:8 |      (the client's half)
 *                       | (32)                                      | unclaimable:8 |      (the server's half)
 *   256  EXTENT_TABLE   | EXTENTS x { start:8, reference:8 } |
 *
 * </pre>
 *
 * <ul>
 *   <li>The writer's line is stored to with each piece of a stream; its state when a connection
 *       begins and ends, its extentCount when the stream goes on in another chunk.
 *   <li>The reader's line is stored to with each piece that is read, and with nothing else.
 *   <li>The waiters' line is stored to by whoever begins to wait; besides it has the verdict, which
 *       is given once, and urgentInline, which few applications change. readSeat is also the seat
 *       of a connect that waits, and in a permit's slot the listener's. connectArm is the
 *       generation whose verdict is waited for, or 0.
 *   <li>The request's line is written before the slot is in use. claim is the number of the claim
 *       by which the request has its place, counted from 1; 0 if it has none. unclaimable is 1
 *       where the address that goes with the slot is somebody else's, so that no claim may be made
 *       with it.
 * </ul>
 *
 * <p>In a permit's slot, tail has another meaning: in the server's half it is <b>granted</b>, in
 * the client's <b>claimed</b>. Claims below granted have a place in the listener's queue, and the
 * client has made as many claims as claimed says. The server sets granted to 0 before it says
 * PERMITTED, the client sets claimed to 0 before it asks for the permit.
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
  public static final int WIRE_VERSION = 5;

  /** What processors pass to each other at a time; words that share a line are named with it. */
  public static final int LINE_BYTES = 64;

  // control segment header: a line for each word, but for resting, which changes now and then only
  public static final int RING_TAIL = 0;
  public static final int RING_HEAD = RING_TAIL + LINE_BYTES;
  public static final int RESTING = RING_HEAD + Long.BYTES;
  public static final int PUSHES = RING_HEAD + LINE_BYTES;
  public static final int RING = PUSHES + LINE_BYTES;

  // slot: the writer's line
  static final int WRITERS_LINE = 0;
  public static final int TAIL = WRITERS_LINE;
  public static final int STATE = TAIL + Long.BYTES;
  public static final int EXTENT_COUNT = STATE + Long.BYTES;

  // slot: the reader's line
  static final int READERS_LINE = WRITERS_LINE + LINE_BYTES;
  public static final int HEAD = READERS_LINE;

  // slot: the waiters' line
  static final int WAITERS_LINE = READERS_LINE + LINE_BYTES;
  public static final int READ_ARM = WAITERS_LINE;
  public static final int READ_SEAT = READ_ARM + Long.BYTES;
  public static final int SPACE_ARM = READ_SEAT + Long.BYTES;
  public static final int SPACE_SEAT = SPACE_ARM + Long.BYTES;
  public static final int CONNECT_ARM = SPACE_SEAT + Long.BYTES;
  public static final int VERDICT = CONNECT_ARM + Long.BYTES;

  /** 1 if this side reads urgent bytes in its stream. */
  public static final int URGENT_INLINE = VERDICT + Long.BYTES;

  // slot: the request's line
  static final int REQUEST_LINE = WAITERS_LINE + LINE_BYTES;
  public static final int PERMIT = REQUEST_LINE;
  public static final int PORT = PERMIT + Integer.BYTES;
  public static final int FAMILY = PORT + Integer.BYTES;
  public static final int ADDRESS = FAMILY + Integer.BYTES;
  static final int ADDRESS_BYTES = 16;

  /** In the client's half: the number of a request's claim, from 1 on; 0 for none. */
  public static final int CLAIM = ADDRESS + ADDRESS_BYTES + Integer.BYTES;

  /** In the server's half: 1 if no claims may be made with this slot. */
  public static final int UNCLAIMABLE = CLAIM;

  // a permit's slot
  /** In the server's half: claims below this have their places. */
  public static final int GRANTED = TAIL;

  /** In the client's half: so many claims have been made. */
  public static final int CLAIMED = TAIL;

  // slot: the extents
  public static final int EXTENT_TABLE = REQUEST_LINE + LINE_BYTES;

  /** Extents of one stream that can be described at a time. */
  public static final int EXTENTS = 8;

  public static final int EXTENT_BYTES = 2 * Long.BYTES;
  public static final int SLOT_BYTES = EXTENT_TABLE + EXTENTS * EXTENT_BYTES;

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
  public static final int SEAT_BYTES = LINE_BYTES;
  public static final int SEATS = 1024;

  /** Behind {@code sleepSeq}, on its line. */
  public static final int RUNG_FROM = Long.BYTES;

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

  /** Where a slot begins in a half that has {@code slots} of them. */
  public static int slotOffset(int slots, int slot) {
    int ringEnd = RING + slots * Integer.BYTES;
    return ((ringEnd + LINE_BYTES - 1) & -LINE_BYTES) + slot * SLOT_BYTES;
  }

  /** A value of {@link #STATE}. */
  public static long word(int generation, long flags) {
    return (long) generation << 16 | flags;
  }

  /** Of a value of {@link #STATE} or {@link #VERDICT}. */
  public static int generation(long word) {
    return (int) (word >>> 16);
  }

  /** A value of {@link #VERDICT}. */
  public static long verdict(int generation, int code, int reason) {
    return (long) generation << 16 | (long) reason << 8 | code;
  }

  /** Of a value of {@link #VERDICT}. */
  public static int code(long verdict) {
    return (int) verdict & 0xff;
  }

  /** Of a value of {@link #VERDICT}. */
  public static int reason(long verdict) {
    return (int) (verdict >>> 8) & 0xff;
  }

  /** Names a chunk: the data segment's id, the chunk's offset in pages, and its size. */
  public static long reference(int segment, int offset, int log2) {
    return (long) segment << 32 | (long) (offset >>> MIN_CHUNK_LOG2) << 8 | log2;
  }

  /** The id of the data segment. */
  public static int segment(long reference) {
    return (int) (reference >>> 32);
  }

  /** Where the chunk begins in its segment, in bytes. */
  public static long offset(long reference) {
    return (reference >>> 8 & 0xffffff) << MIN_CHUNK_LOG2;
  }

  /** The size of the chunk, log2 bytes. */
  public static int log2(long reference) {
    return (int) reference & 0xff;
  }
}
