package io.twinport.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * UNIX-domain sockets of type {@code SOCK_SEQPACKET} in the abstract namespace: messages keep their
 * limits and carry descriptors. All are non-blocking and closed on {@code exec}. See {@code
 * unix(7)}.
 */
public final class UnixSocket {
  /** The most descriptors in one message. */
  public static final int MAX_FDS = 8;

  /** The longest message, in bytes. */
  public static final int MAX_MESSAGE = 65_536;

  /** The longest name, in bytes of UTF-8. */
  public static final int MAX_NAME = Layout.SOCKADDR_UN_PATH_LENGTH - 1;

  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int SCM_RIGHTS = 1;
  private static final int SHUT_RDWR = 2;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  /** {@code SCM_MAX_FD}: what the kernel lets into one message. */
  private static final int KERNEL_MAX_FDS = 253;

  private UnixSocket() {}

  /**
   * Listens.
   *
   * @param name without the leading {@code @} or NUL
   * @param backlog connections that may wait to be accepted; one more than this is let in by the
   *     kernel
   * @throws ErrnoException with {@code EADDRINUSE} if the name is held
   */
  public static int listen(String name, int backlog) throws IOException {
    long address = Memory.allocate(Layout.SOCKADDR_UN_SIZE);
    try {
      int length = putAddress(address, name);
      int fd = socket();
      if (LibC.bind(fd, address, length) < 0 || LibC.listen(fd, backlog) < 0) {
        ErrnoException failure = LibC.failed("listen(@" + name + ")");
        Posix.close(fd);
        throw failure;
      }
      return fd;
    } finally {
      Memory.free(address);
    }
  }

  /** Accepts a connection; -1 if there is none. */
  public static int accept(int listener) throws IOException {
    int fd = LibC.accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      return fd;
    }
    if (LibC.errno() == Errno.EAGAIN) {
      return -1;
    }
    throw LibC.failed("accept4(" + listener + ")");
  }

  /**
   * Connects, at once or not at all.
   *
   * @return the connected socket, or {@code -ECONNREFUSED} if nobody listens there, or {@code
   *     -EAGAIN} if the backlog is full
   */
  public static int connect(String name) throws IOException {
    long address = Memory.allocate(Layout.SOCKADDR_UN_SIZE);
    try {
      int length = putAddress(address, name);
      int fd = socket();
      if (LibC.connect(fd, address, length) == 0) {
        return fd;
      }
      int errno = LibC.errno();
      Posix.close(fd);
      if (errno == Errno.ECONNREFUSED || errno == Errno.EAGAIN) {
        return -errno;
      }
      throw new ErrnoException(errno, "connect(@" + name + ")");
    } finally {
      Memory.free(address);
    }
  }

  /** Two sockets connected to each other. */
  public static int[] pair() throws IOException {
    long ends = Memory.allocate(2L * Integer.BYTES);
    try {
      int type = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC;
      if (LibC.socketpair(AF_UNIX, type, 0, ends) < 0) {
        throw LibC.failed("socketpair");
      }
      return new int[] {Memory.getInt(ends), Memory.getInt(ends + Integer.BYTES)};
    } finally {
      Memory.free(ends);
    }
  }

  /**
   * Sends the remaining bytes, at least one, as one message, with duplicates of {@code fds}.
   *
   * @return true once sent, the buffer then being empty; false if there is no room now
   * @throws ErrnoException with {@code EPIPE} or {@code ECONNRESET} if the peer is gone
   */
  public static boolean send(int fd, ByteBuffer message, int... fds) throws IOException {
    int length = message.remaining();
    if (length == 0 || length > MAX_MESSAGE) {
      throw new IllegalArgumentException("a message of " + length + " bytes");
    }
    if (fds.length > MAX_FDS) {
      throw new IllegalArgumentException(fds.length + " descriptors");
    }
    byte[] bytes = new byte[length];
    message.get(message.position(), bytes);
    Envelope envelope = new Envelope(length, fds.length);
    try {
      envelope.putMessage(bytes);
      envelope.putFds(fds);
      long sent = LibC.sendmsg(fd, envelope.header(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0) {
        if (LibC.errno() == Errno.EAGAIN) {
          return false;
        }
        throw LibC.failed("sendmsg(" + fd + ")");
      }
    } finally {
      envelope.free();
    }
    message.position(message.limit());
    return true;
  }

  /**
   * Receives one message into the remaining space, and the descriptors that came with it, closed on
   * {@code exec}.
   *
   * @param fds receives the descriptors, and -1 in the places left over; may be empty
   * @return the message's length in bytes; 0 at the end of the stream; -1 if there is none yet
   * @throws IOException if the message or its descriptors don't fit: then all the descriptors are
   *     closed
   */
  public static int receive(int fd, ByteBuffer into, int[] fds) throws IOException {
    int capacity = Math.min(into.remaining(), MAX_MESSAGE);
    if (capacity == 0) {
      throw new IllegalArgumentException("no room for a message");
    }
    if (into.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    if (fds.length > KERNEL_MAX_FDS) {
      throw new IllegalArgumentException("room for " + fds.length + " descriptors");
    }
    Arrays.fill(fds, -1);
    // Before there are descriptors to lose.
    byte[] bytes = new byte[capacity];
    Envelope envelope = new Envelope(capacity, fds.length);
    try {
      int length = receive(fd, envelope);
      if (length < 0) {
        return length;
      }
      int count = envelope.takeFds(fds);
      int flags = envelope.flags();
      if (length == 0 || (flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        for (int i = 0; i < count; i++) {
          Posix.close(fds[i]);
          fds[i] = -1;
        }
      }
      if ((flags & MSG_TRUNC) != 0) {
        throw new IOException("recvmsg(" + fd + "): message longer than " + capacity + " bytes");
      }
      if ((flags & MSG_CTRUNC) != 0) {
        throw new IOException(
            "recvmsg(" + fd + "): more descriptors than " + fds.length + ", or than can be open");
      }
      envelope.getMessage(bytes, length);
      into.put(bytes, 0, length);
      return length;
    } finally {
      envelope.free();
    }
  }

  /** Who is at the other end: who connected, or who listens. */
  public static Credentials peer(int fd) throws IOException {
    long block = Memory.allocate(Layout.UCRED_SIZE + (long) Integer.BYTES);
    try {
      long length = block + Layout.UCRED_SIZE;
      Memory.putInt(length, Layout.UCRED_SIZE);
      if (LibC.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, block, length) < 0) {
        throw LibC.failed("getsockopt(" + fd + ", SO_PEERCRED)");
      }
      return new Credentials(
          Memory.getInt(block + Layout.UCRED_PID),
          Integer.toUnsignedLong(Memory.getInt(block + Layout.UCRED_UID)),
          Integer.toUnsignedLong(Memory.getInt(block + Layout.UCRED_GID)));
    } finally {
      Memory.free(block);
    }
  }

  /** Ends both directions: the peer, and threads of this process, see the end of the stream. */
  public static void shutdown(int fd) throws IOException {
    if (LibC.shutdown(fd, SHUT_RDWR) < 0) {
      throw LibC.failed("shutdown(" + fd + ")");
    }
  }

  /** One {@code recvmsg}: the message's length, 0 at the end of the stream, -1 if there is none. */
  private static int receive(int fd, Envelope envelope) throws IOException {
    int flags = MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
    long received = LibC.recvmsg(fd, envelope.header(), flags);
    if (received < 0 && LibC.errno() == Errno.ECONNRESET) {
      // A peer that went without reading all leaves this error in front of what it had sent. It is
      // reported once: what it had sent, and then the end of the stream, come after it.
      received = LibC.recvmsg(fd, envelope.header(), flags);
    }
    if (received >= 0) {
      return (int) received;
    }
    if (LibC.errno() == Errno.EAGAIN) {
      return -1;
    }
    throw LibC.failed("recvmsg(" + fd + ")");
  }

  private static int socket() throws IOException {
    int fd = LibC.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw LibC.failed("socket(AF_UNIX, SOCK_SEQPACKET)");
    }
    return fd;
  }

  /** Writes a {@code sockaddr_un} and returns its length. */
  private static int putAddress(long address, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > MAX_NAME) {
      throw new IllegalArgumentException("a name of " + bytes.length + " bytes: " + name);
    }
    long path = address + Layout.SOCKADDR_UN_PATH;
    Memory.putShort(address + Layout.SOCKADDR_UN_FAMILY, (short) AF_UNIX);
    Memory.putByte(path, (byte) 0);
    Memory.copy(bytes, 0, path + 1, bytes.length);
    return Layout.SOCKADDR_UN_PATH + 1 + bytes.length;
  }

  /**
   * A {@code msghdr} with its one {@code iovec}, control message and bytes, in one piece of native
   * memory.
   */
  private static final class Envelope {
    private final long header;
    private final long control;
    private final long message;
    private final int controlLength;

    Envelope(int messageLength, int fds) {
      // Not rounded up: that would make room for one descriptor more than asked for.
      controlLength = fds == 0 ? 0 : Layout.CMSGHDR_DATA + fds * Integer.BYTES;
      long beforeMessage =
          Layout.MSGHDR_SIZE + Layout.IOVEC_SIZE + Layout.alignControl(controlLength);
      header = Memory.allocate(beforeMessage + messageLength);
      Memory.fill(header, beforeMessage, (byte) 0);
      long vector = header + Layout.MSGHDR_SIZE;
      control = vector + Layout.IOVEC_SIZE;
      message = header + beforeMessage;
      Memory.putLong(vector + Layout.IOVEC_BASE, message);
      Memory.putLong(vector + Layout.IOVEC_LENGTH, messageLength);
      Memory.putLong(header + Layout.MSGHDR_IOV, vector);
      Memory.putLong(header + Layout.MSGHDR_IOVLEN, 1);
      if (controlLength > 0) {
        Memory.putLong(header + Layout.MSGHDR_CONTROL, control);
        Memory.putLong(header + Layout.MSGHDR_CONTROLLEN, controlLength);
      }
    }

    long header() {
      return header;
    }

    int flags() {
      return Memory.getInt(header + Layout.MSGHDR_FLAGS);
    }

    void putMessage(byte[] bytes) {
      Memory.copy(bytes, 0, message, bytes.length);
    }

    void getMessage(byte[] bytes, int length) {
      Memory.copy(message, bytes, 0, length);
    }

    void putFds(int[] fds) {
      if (fds.length > 0) {
        Memory.putLong(control + Layout.CMSGHDR_LEN, controlLength);
        Memory.putInt(control + Layout.CMSGHDR_LEVEL, SOL_SOCKET);
        Memory.putInt(control + Layout.CMSGHDR_TYPE, SCM_RIGHTS);
        for (int i = 0; i < fds.length; i++) {
          Memory.putInt(control + Layout.CMSGHDR_DATA + (long) i * Integer.BYTES, fds[i]);
        }
      }
    }

    /** Takes the descriptors out of all control messages and returns how many there are. */
    int takeFds(int[] fds) {
      int count = 0;
      long end = control + Memory.getLong(header + Layout.MSGHDR_CONTROLLEN);
      long next = control;
      while (end - next >= Layout.CMSGHDR_DATA) {
        long length = Memory.getLong(next + Layout.CMSGHDR_LEN);
        if (length < Layout.CMSGHDR_DATA || length > end - next) {
          break;
        }
        if (Memory.getInt(next + Layout.CMSGHDR_LEVEL) == SOL_SOCKET
            && Memory.getInt(next + Layout.CMSGHDR_TYPE) == SCM_RIGHTS) {
          for (long at = Layout.CMSGHDR_DATA; at + Integer.BYTES <= length; at += Integer.BYTES) {
            fds[count++] = Memory.getInt(next + at);
          }
        }
        next += Layout.alignControl(length);
      }
      return count;
    }

    void free() {
      Memory.free(header);
    }
  }
}
