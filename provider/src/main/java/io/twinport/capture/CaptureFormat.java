package io.twinport.capture;

/**
 * What a process sends to whoever captures it, behind one line of JSON: records, each a header and
 * what it carries, in big-endian order. Offsets and sizes are in bytes.
 *
 * <pre>
 *   0 int   length of the record, header included
 *   4 byte  kind
 *   5 byte  direction: {@link #FORWARD} or {@link #BACKWARD}
 *   6 short flags
 *   8 long  number of the connection, from 1 on
 *  16 long  when, in nanoseconds since the time that the line of JSON names
 *  24 long  position in the direction's stream, counted from where the capture has begun
 *  32 int   bytes of the stream that the record stands for
 *  36 int   how many of them it carries
 *  40 ...   what it carries
 * </pre>
 */
public final class CaptureFormat {
  /** Who asks names it, and is refused if it is another one. */
  public static final int VERSION = 1;

  public static final int HEADER = 40;

  public static final int LENGTH = 0;
  public static final int KIND = 4;
  public static final int DIRECTION = 5;
  public static final int FLAGS = 6;
  public static final int CONNECTION = 8;
  public static final int TIME = 16;
  public static final int POSITION = 24;
  public static final int BYTES = 32;
  public static final int CARRIED = 36;

  // -- Kinds

  /** A connection, before anything else of it; carries {@link #ADDRESSES} bytes. */
  public static final byte OPEN = 1;

  /** Bytes of a stream, at most {@link #SEGMENT} of them. */
  public static final byte DATA = 2;

  /** The end of a direction: there are no more bytes behind its position. */
  public static final byte FIN = 3;

  /** Who writes in this direction has reset the connection. */
  public static final byte RESET = 4;

  /** Nothing of the connection follows. */
  public static final byte GONE = 5;

  /** How much there was so far; carries {@link #COUNTS} bytes. */
  public static final byte STATISTICS = 6;

  /** The last record; carries why, in UTF-8. */
  public static final byte END = 7;

  // -- Directions

  /** From the first address of {@link #OPEN} to the second. */
  public static final byte FORWARD = 0;

  public static final byte BACKWARD = 1;

  // -- Flags

  /** Of OPEN: the connection was opened during the capture, by the first address. */
  public static final int BEGUN = 1;

  /** Of DATA: an urgent byte. */
  public static final int URGENT = 2;

  /** Of DATA: the last of what was written or read at once. */
  public static final int PUSH = 4;

  /**
   * Of DATA: written by the captured process, not read by it. Of OPEN: the first address is its.
   */
  public static final int OWN = 8;

  // -- What OPEN carries: 4 or 6, then twice an address of 16 bytes, and a port

  public static final int ADDRESSES = 1 + 2 * (16 + 2);

  // -- What STATISTICS carries: longs

  /** Segments that were queued, segments that were not, and bytes of the streams in these. */
  public static final int COUNTS = 3 * Long.BYTES;

  /** The most bytes of a stream in one record: with its headers, they fit into an IP packet. */
  public static final int SEGMENT = 32_768;

  /** The longest record there may be. */
  public static final int LONGEST = HEADER + SEGMENT;

  private CaptureFormat() {}
}
