package io.twinport.posix;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * UNIX-domain sockets of type {@code SOCK_SEQPACKET} in the abstract namespace: messages keep their limits and carry
 * descriptors. All are non-blocking and closed on {@code exec}. See {@code unix(7)}.
 */
public final class UnixSocket {
  /** The most descriptors in one message. */
  public static final int MAX_FDS = 8;

  /** The longest message, in bytes. */
  public static final int MAX_MESSAGE = 65_536;

  /** The longest name, in bytes of UTF-8. */
  public static final int MAX_NAME = Layout.SOCKADDR_UN_PATH_LENGTH - 1;

  private UnixSocket() {}

  /**
   * Listens.
   *
   * @param name without the leading {@code @} or NUL
   * @param backlog connections that may wait to be accepted; one more than this is let in by the kernel
   * @throws ErrnoException with {@code EADDRINUSE} if the name is held
   */
  public static int listen(String name, int backlog) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Accepts a connection; -1 if there is none. */
  public static int accept(int listener) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Connects, at once or not at all.
   *
   * @return the connected socket, or {@code -ECONNREFUSED} if nobody listens there, or {@code -EAGAIN} if the backlog is
   *     full
   */
  public static int connect(String name) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Two sockets connected to each other. */
  public static int[] pair() throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Sends the remaining bytes, at least one, as one message, with duplicates of {@code fds}.
   *
   * @return true once sent, the buffer then being empty; false if there is no room now
   * @throws ErrnoException with {@code EPIPE} or {@code ECONNRESET} if the peer is gone
   */
  public static boolean send(int fd, ByteBuffer message, int... fds) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Receives one message into the remaining space, and the descriptors that came with it, closed on {@code exec}.
   *
   * @param fds receives the descriptors, and -1 in the places left over; may be empty
   * @return the message's length in bytes; 0 at the end of the stream; -1 if there is none yet
   * @throws IOException if the message or its descriptors don't fit: then all the descriptors are closed
   */
  public static int receive(int fd, ByteBuffer into, int[] fds) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Who is at the other end: who connected, or who listens. */
  public static Credentials peer(int fd) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Ends both directions: the peer, and threads of this process, see the end of the stream. */
  public static void shutdown(int fd) throws IOException {
    throw new UnsupportedOperationException();
  }
}
