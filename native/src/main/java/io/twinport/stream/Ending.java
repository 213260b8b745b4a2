package io.twinport.stream;

import java.io.IOException;
import java.net.SocketException;

/**
 * What one end of a connection shows the application once its peer has ended: what TCP does, with
 * the JDK's exceptions and messages. What the peer has said is a mask of the flags.
 *
 * <p>Called by the threads that read and write; the other methods of a stream don't need it.
 */
public final class Ending {
  /** No more bytes follow. */
  public static final int FIN = 1 << 3;

  /** The peer has closed its end, or is gone. */
  public static final int CLOSED = 1 << 4;

  /** The peer has closed with a reset, or was lost. */
  public static final int RESET = 1 << 5;

  /**
   * Of what is written to a peer that has closed, so much is taken before its answer is there: the
   * most that the JDK's sockets give to the kernel at once.
   */
  private static final int MOST_UNANSWERED = 128 << 10;

  private static final int NOTHING = 0;
  private static final int READ = 1;
  private static final int WRITE = 2;

  /** By what the application was told of a reset. Guarded by this. */
  private int resetToldBy = NOTHING;

  // of the thread that writes
  private boolean sentToClosedPeer;

  /**
   * What a read finds that has taken all bytes there will be. A reset is told to reads from then
   * on; but one that a write was told of is the end of the stream for them, as for the kernel,
   * which reports it once.
   *
   * @return -1
   * @throws SocketException {@code "Connection reset"} if the stream has not come to its end
   */
  public int read(long flags) throws SocketException {
    if ((flags & FIN) == 0 && tell(READ) != WRITE) {
      throw new SocketException("Connection reset");
    }
    return -1;
  }

  /**
   * Tells the application of a reset by {@code by}, unless it was told before.
   *
   * @return by what it was told before
   */
  private synchronized int tell(int by) {
    int before = resetToldBy;
    if (before == NOTHING) {
      resetToldBy = by;
    }
    return before;
  }

  /**
   * What a write of {@code count} bytes finds if the peer has closed. As TCP: the first bytes are
   * taken and answered by a reset, which the next write finds. A reset that nobody has been told of
   * is reported once, unless it came behind the end of the stream.
   *
   * @return how many bytes are taken, though they go nowhere; the rest finds the answer
   * @throws IOException {@code "Connection reset by peer"} or {@code "Broken pipe"}
   */
  public int write(int count, long flags) throws IOException {
    if ((flags & (RESET | FIN)) == RESET && tell(WRITE) == NOTHING) {
      throw new IOException("Connection reset by peer");
    }
    if ((flags & RESET) != 0 || sentToClosedPeer) {
      throw new IOException("Broken pipe");
    }
    if (count > 0) {
      sentToClosedPeer = true;
    }
    return Math.min(count, MOST_UNANSWERED);
  }

  /** Bytes are lost: the application is told by an exception, and reads find no end. */
  public synchronized void lost() {
    resetToldBy = READ;
  }
}
