package io.twinport.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
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
  public static final int MAX_NAME = KernelLayout.SOCKADDR_UN_PATH_LENGTH - 1;

  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;

  /** {@code SO_PASSRIGHTS}. Not final: tests make a kernel of it that does not know it. */
  static int passRights = 83;

  private static final int SCM_RIGHTS = 1;
  private static final int SHUT_RDWR = 2;
  private static final int MSG_PEEK = 0x2;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private UnixSocket() {}

  /**
   * Listens. Nobody can send descriptors to those who connect here, until that {@linkplain
   * #takesDescriptors is allowed}.
   *
   * @param name without the leading {@code @} or NUL
   * @param backlog connections that may wait to be accepted; one more than this is let in by the
   *     kernel
   * @throws ErrnoException with {@code EADDRINUSE} if the name is held
   */
  public static int listen(String name, int backlog) throws IOException {
    long address = Memory.allocate(KernelLayout.SOCKADDR_UN_SIZE);
    try {
      int length = putAddress(address, name);
      int fd = socket();
      boolean listens = false;
      try {
        takesDescriptors(fd, false);
        if (LibC.bind(fd, address, length) < 0 || LibC.listen(fd, backlog) < 0) {
          throw LibC.failed("listen(@" + name + ")");
        }
        listens = true;
        return fd;
      } finally {
        if (!listens) {
          Posix.close(fd);
        }
      }
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
   * Connects, at once or not at all. Nobody can send descriptors here, until that {@linkplain
   * #takesDescriptors is allowed}.
   *
   * @return the connected socket, or {@code -ECONNREFUSED} if nobody listens there, or {@code
   *     -EAGAIN} if the backlog is full
   */
  public static int connect(String name) throws IOException {
    long address = Memory.allocate(KernelLayout.SOCKADDR_UN_SIZE);
    try {
      int length = putAddress(address, name);
      int fd = socket();
      boolean connected = false;
      try {
        takesDescriptors(fd, false);
        if (LibC.connect(fd, address, length) == 0) {
          connected = true;
          return fd;
        }
        int errno = LibC.errno();
        if (errno == Errno.ECONNREFUSED || errno == Errno.EAGAIN) {
          return -errno;
        }
        throw new ErrnoException(errno, "connect(@" + name + ")");
      } finally {
        if (!connected) {
          Posix.close(fd);
        }
      }
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
   * Says whether descriptors may be sent to {@code fd}; where not, a peer that tries is told {@code
   * EPERM}. Before anything is said everybody may; what a listener says holds for those who connect
   * to it.
   *
   * @return false if the kernel does not know that (before Linux 6.16): then everybody may
   */
  public static boolean takesDescriptors(int fd, boolean allowed) throws IOException {
    long value = Memory.allocate(Integer.BYTES);
    try {
      Memory.putInt(value, allowed ? 1 : 0);
      if (LibC.setsockopt(fd, SOL_SOCKET, passRights, value, Integer.BYTES) == 0) {
        return true;
      }
      if (LibC.errno() == Errno.ENOPROTOOPT) {
        return false;
      }
      throw LibC.failed("setsockopt(" + fd + ", SO_PASSRIGHTS)");
    } finally {
      Memory.free(value);
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
   * Takes messages, without allocating; one thread at a time. A message is looked at while it stays
   * in its socket, and taken out of it when that is done with. So what it brings is never closed
   * for good by whoever only looks: that may take as long as its sender likes, see {@link #skip}.
   */
  public static final class Inbox implements AutoCloseable {
    private final int[] fds;
    private final byte[] bytes;
    private final ByteBuffer message;
    private final Envelope envelope;
    private boolean cut;
    private boolean closed;

    /**
     * @param capacity the longest message, in bytes
     * @param most descriptors in a message
     */
    public Inbox(int capacity, int most) {
      fds = new int[most];
      Arrays.fill(fds, -1);
      bytes = new byte[capacity];
      message = ByteBuffer.wrap(bytes);
      envelope = new Envelope(capacity, most);
    }

    /**
     * Looks at the next message: copies it into {@link #message}, and makes duplicates of its
     * descriptors, closed on {@code exec}, in {@link #fds}. Those of the message before are closed.
     *
     * @return the message's length in bytes, of which there may be more than fit, see {@link
     *     #isCut}; 0 at the end of the stream; -1 if there is none yet
     */
    public int peek(int socket) throws IOException {
      closeFds();
      cut = false;
      envelope.clear();
      int length = receive(socket, envelope, MSG_PEEK);
      if (length < 0) {
        return length;
      }
      envelope.takeFds(fds);
      cut = (envelope.flags() & (MSG_TRUNC | MSG_CTRUNC)) != 0;
      envelope.getMessage(bytes, length);
      message.position(0).limit(length);
      return length;
    }

    /**
     * Whether the last message was longer than fits, or brought more descriptors than fit, or than
     * this process may have.
     */
    public boolean isCut() {
      return cut;
    }

    /** The last message. */
    public ByteBuffer message() {
      return message;
    }

    /**
     * The descriptors of the last message; -1 in the places left over. Whoever keeps one puts -1 in
     * its place.
     */
    public int[] fds() {
      return fds;
    }

    /** Closes the duplicates that nobody has kept. */
    public void closeFds() {
      for (int i = 0; i < fds.length; i++) {
        int fd = fds[i];
        if (fd >= 0) {
          fds[i] = -1;
          Posix.close(fd);
        }
      }
    }

    /**
     * Takes the message that was looked at out of its socket, and closes what it has brought, for
     * good if nobody has a duplicate.
     */
    public void skip(int socket) throws IOException {
      long taken = LibC.recv(socket, envelope.message, bytes.length, MSG_DONTWAIT);
      if (taken < 0 && LibC.errno() == Errno.ECONNRESET) {
        taken = LibC.recv(socket, envelope.message, bytes.length, MSG_DONTWAIT); // As in receive().
      }
      if (taken < 0) {
        throw LibC.failed("recv(" + socket + ")");
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        closeFds();
        envelope.free();
      }
    }
  }

  /** Who is at the other end: who connected, or who listens. */
  public static Credentials peer(int fd) throws IOException {
    long block = Memory.allocate(KernelLayout.UCRED_SIZE + (long) Integer.BYTES);
    try {
      long length = block + KernelLayout.UCRED_SIZE;
      Memory.putInt(length, KernelLayout.UCRED_SIZE);
      if (LibC.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, block, length) < 0) {
        throw LibC.failed("getsockopt(" + fd + ", SO_PEERCRED)");
      }
      return new Credentials(
          Memory.getInt(block + KernelLayout.UCRED_PID),
          Integer.toUnsignedLong(Memory.getInt(block + KernelLayout.UCRED_UID)),
          Integer.toUnsignedLong(Memory.getInt(block + KernelLayout.UCRED_GID)));
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
  private static int receive(int fd, Envelope envelope, int how) throws IOException {
    int flags = how | MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
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
    long path = address + KernelLayout.SOCKADDR_UN_PATH;
    Memory.putShort(address + KernelLayout.SOCKADDR_UN_FAMILY, (short) AF_UNIX);
    Memory.putByte(path, (byte) 0);
    Memory.copy(bytes, 0, path + 1, bytes.length);
    return KernelLayout.SOCKADDR_UN_PATH + 1 + bytes.length;
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
      controlLength = fds == 0 ? 0 : KernelLayout.CMSGHDR_DATA + fds * Integer.BYTES;
      long beforeMessage =
          KernelLayout.MSGHDR_SIZE
              + KernelLayout.IOVEC_SIZE
              + KernelLayout.alignControl(controlLength);
      header = Memory.allocate(beforeMessage + messageLength);
      Memory.fill(header, beforeMessage, (byte) 0);
      long vector = header + KernelLayout.MSGHDR_SIZE;
      control = vector + KernelLayout.IOVEC_SIZE;
      message = header + beforeMessage;
      Memory.putLong(vector + KernelLayout.IOVEC_BASE, message);
      Memory.putLong(vector + KernelLayout.IOVEC_LENGTH, messageLength);
      Memory.putLong(header + KernelLayout.MSGHDR_IOV, vector);
      Memory.putLong(header + KernelLayout.MSGHDR_IOVLEN, 1);
      if (controlLength > 0) {
        Memory.putLong(header + KernelLayout.MSGHDR_CONTROL, control);
        Memory.putLong(header + KernelLayout.MSGHDR_CONTROLLEN, controlLength);
      }
    }

    /** Makes it as new, to receive. */
    void clear() {
      Memory.putLong(header + KernelLayout.MSGHDR_CONTROLLEN, controlLength);
      Memory.putInt(header + KernelLayout.MSGHDR_FLAGS, 0);
    }

    long header() {
      return header;
    }

    int flags() {
      return Memory.getInt(header + KernelLayout.MSGHDR_FLAGS);
    }

    void putMessage(byte[] bytes) {
      Memory.copy(bytes, 0, message, bytes.length);
    }

    void getMessage(byte[] bytes, int length) {
      Memory.copy(message, bytes, 0, length);
    }

    void putFds(int[] fds) {
      if (fds.length > 0) {
        Memory.putLong(control + KernelLayout.CMSGHDR_LEN, controlLength);
        Memory.putInt(control + KernelLayout.CMSGHDR_LEVEL, SOL_SOCKET);
        Memory.putInt(control + KernelLayout.CMSGHDR_TYPE, SCM_RIGHTS);
        for (int i = 0; i < fds.length; i++) {
          Memory.putInt(control + KernelLayout.CMSGHDR_DATA + (long) i * Integer.BYTES, fds[i]);
        }
      }
    }

    /** Takes the descriptors out of all control messages. */
    void takeFds(int[] fds) {
      int count = 0;
      long end = control + Memory.getLong(header + KernelLayout.MSGHDR_CONTROLLEN);
      long next = control;
      while (end - next >= KernelLayout.CMSGHDR_DATA) {
        long length = Memory.getLong(next + KernelLayout.CMSGHDR_LEN);
        if (length < KernelLayout.CMSGHDR_DATA || length > end - next) {
          break;
        }
        if (Memory.getInt(next + KernelLayout.CMSGHDR_LEVEL) == SOL_SOCKET
            && Memory.getInt(next + KernelLayout.CMSGHDR_TYPE) == SCM_RIGHTS) {
          for (long at = KernelLayout.CMSGHDR_DATA;
              at + Integer.BYTES <= length;
              at += Integer.BYTES) {
            fds[count++] = Memory.getInt(next + at);
          }
        }
        next += KernelLayout.alignControl(length);
      }
    }

    void free() {
      Memory.free(header);
    }
  }
}
