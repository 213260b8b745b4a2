package io.twinport.ucx.stream;

/**
 * What is said once a connection is up. Each frame begins with one little-endian word: the type in
 * its highest byte, a value below.
 *
 * <pre>
 * DATA    value: how many bytes follow, at least 1
 * URGENT  value: a byte of urgent data, which counts as one of the stream
 * CREDIT  value: so many more bytes may be sent, at least 1
 * FIN     no more bytes follow; the other way still flows
 * CLOSE   this end is closed in order, output first; nothing follows
 *         value: how many bytes were read here behind those that were given credit for
 * RESET   this end is closed with a reset; nothing follows
 * ALIVE   this end is there; sent where nothing else was for a while
 * </pre>
 *
 * A connection begins with a credit of {@link #WINDOW} bytes each way. Who gets CLOSE or RESET
 * closes the pipe, also if he has sent one himself: nobody waits for the other's application. Who
 * gets CLOSE and has written more than was read takes it for a RESET, as TCP answers bytes that
 * nobody will read.
 */
public final class Frames {
  public static final int DATA = 1;
  public static final int URGENT = 2;
  public static final int CREDIT = 3;
  public static final int FIN = 4;
  public static final int CLOSE = 5;
  public static final int RESET = 6;
  public static final int ALIVE = 7;

  public static final int HEADER_BYTES = 4;

  /** How many bytes of one direction may be unread: what loopback TCP takes. */
  public static final int WINDOW = 4_291_584;

  private static final int TYPE_SHIFT = 24;

  private Frames() {}

  /** The word that begins a frame. */
  public static int word(int type, int value) {
    return type << TYPE_SHIFT | value;
  }

  public static int type(int word) {
    return word >>> TYPE_SHIFT;
  }

  static int value(int word) {
    return word & ((1 << TYPE_SHIFT) - 1);
  }
}
