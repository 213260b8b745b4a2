package io.twinport.spi;

/**
 * How a connection on the SAN stands, for people. Its numbers are read beside whoever moves bytes,
 * without a lock: each is one that was true at about the time, and two need not be of one moment.
 *
 * @param in from the peer
 * @param out to the peer
 * @param peer what is known of the other end
 * @param accepted whether this is the server's end
 * @param closed whether this end is closed, and only waits until the peer has what was written
 * @param peerPid the peer's process, as this process's pid namespace numbers it, or, between hosts,
 *     as the peer says that its own does; 0 if that is not known, or not visible
 */
public record ConnectionNumbers(
    Stream in, Stream out, Peer peer, boolean accepted, boolean closed, int peerPid) {
  /** What is not known of {@link Stream#quietNanos}. */
  public static final long UNKNOWN = -1;

  /**
   * One direction.
   *
   * @param bytes moved so far: read here, or written here
   * @param queued bytes that were written at one end and have not been read at the other
   * @param window how many bytes more may be written before somebody has to read
   * @param quietNanos for how long, at least, no byte has been moved; {@link #UNKNOWN}
   */
  public record Stream(long bytes, int queued, int window, long quietNanos) {}

  /** The other end. */
  public enum Peer {
    /** It is there, as far as is known. */
    OPEN,
    /** It has ended its output: no more bytes come. */
    ENDED,
    /** It has closed. */
    CLOSED,
    /** It has closed with a reset. */
    RESET,
    /** Its process is gone. */
    GONE
  }
}
