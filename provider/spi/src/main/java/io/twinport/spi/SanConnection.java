package io.twinport.spi;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connection on the SAN: a byte stream each way. No method blocks. At most one thread reads and
 * at most one writes at a time (the switch's read and write locks see to that); the other methods
 * are called by any thread.
 *
 * <p>Errors after the connection is up follow TCP's: {@code SocketException("Connection reset")}
 * from {@code read}, {@code IOException("Broken pipe")} or {@code IOException("Connection reset by
 * peer")} from {@code write}.
 */
public abstract class SanConnection extends SanTarget {
  /**
   * What the peer may have left unread in front of an end of stream for an {@link #abort} behind it
   * to leave it that end: as much as TCP takes in, with the end, for a peer that reads nothing. In
   * bytes.
   */
  public static final int MOST_UNREAD_BEFORE_END = 64 << 10;

  /**
   * The local address: the client's own, or the concrete destination on the server's side. Known
   * once connected.
   */
  public abstract InetSocketAddress localAddress();

  /** The remote address, unique among this process's live connections. Known once connected. */
  public abstract InetSocketAddress remoteAddress();

  /**
   * Returns whether the connection is up; false while the outcome is open.
   *
   * @throws java.net.ConnectException {@code "Connection refused"}: final, TCP is not tried
   * @throws SanUnavailableException if TCP should be tried; the request is then certainly withdrawn
   */
  public abstract boolean finishConnect() throws IOException;

  /**
   * Gives a pending connect up. Never blocks for longer than the peer takes for the few
   * instructions of an accept.
   *
   * @return true if the request is withdrawn and will never be accepted, which {@link
   *     #finishConnect} throws from then on; false if the connection is up after all
   */
  public abstract boolean cancelConnect();

  /**
   * Reads what is there into {@code dst}.
   *
   * @return the number of bytes, 0 if there is none now (or {@code dst} is full), -1 at end of
   *     stream
   */
  public abstract int read(ByteBuffer dst) throws IOException;

  /**
   * Writes as many bytes of {@code src} as there is credit for; 0 if there is none now. A peer that
   * reads meanwhile doesn't hold the call: it takes a few megabytes at most, behind which its
   * caller looks for a close or an interrupt.
   */
  public abstract int write(ByteBuffer src) throws IOException;

  /** As {@link #read(ByteBuffer)}, into an array; the streams of sockets have nothing else. */
  public int read(byte[] dst, int offset, int length) throws IOException {
    return read(ByteBuffer.wrap(dst, offset, length));
  }

  /** As {@link #write(ByteBuffer)}, from an array. */
  public int write(byte[] src, int offset, int length) throws IOException {
    return write(ByteBuffer.wrap(src, offset, length));
  }

  /** An estimate of the bytes that a read would return now. */
  public abstract int available();

  /**
   * An estimate of the bytes written here that the peer has not read yet, for people; 0 when the
   * connection is not up, and from providers that can't tell.
   */
  public int unreadByPeer() {
    return 0;
  }

  /** How it stands, for people; null from providers that can't tell, and before it is up. */
  public @Nullable ConnectionNumbers numbers() {
    return null;
  }

  /**
   * Says whether urgent bytes that the peer sends belong into the stream this end reads
   * (SO_OOBINLINE). As long as that has not been said, they pass it by.
   */
  public void takeUrgentInline(boolean inline) {}

  /**
   * Writes a byte of urgent data: the peer reads it in its place in the stream if it {@linkplain
   * #takeUrgentInline takes those inline}, and never sees it otherwise. Called as {@link #write}
   * is, and fails as that does if the peer has ended: programs ask with urgent bytes whether it is
   * still there. A provider that can't carry urgent data drops the byte, which is what most peers
   * would do.
   *
   * @return 1 if the byte was taken, 0 if there is no credit for it now
   */
  public int writeUrgent(byte b) throws IOException {
    return 1;
  }

  /** Half-close: the peer reads what was written and then end of stream. Idempotent. */
  public abstract void shutdownOutput();

  /**
   * Closes as TCP would: unread bytes lead to a reset at the peer, otherwise the peer reads end of
   * stream after what was written. Returns at once; what was written stays readable. Called once no
   * read and no write is under way. Idempotent.
   */
  public abstract void close();

  /**
   * Ends the output and then closes, in one step if the provider can: the peer reads end of stream
   * after what was written, even if there are unread bytes here. Otherwise as {@link #close}.
   */
  public void closeBehindOutput() {
    shutdownOutput();
    close();
  }

  /**
   * Closes with a reset (SO_LINGER 0): unread bytes of both sides are dropped. A peer that was told
   * of the end of the stream before, and has left no more than {@link #MOST_UNREAD_BEFORE_END}
   * unread, still reads that end; another one would take what is cut off for all. Otherwise as
   * {@link #close}.
   */
  public abstract void abort();
}
