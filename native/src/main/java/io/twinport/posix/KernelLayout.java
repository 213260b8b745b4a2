package io.twinport.posix;

/**
 * Where the fields of the kernel's structures are, in bytes; nowhere else in this package is an
 * offset. Little-endian 64-bit Linux; x86-64 and aarch64 differ only in {@code epoll_event}, which
 * x86-64 packs.
 *
 * <pre>
 * sockaddr_un   0 family:2  2 path:108     (abstract: path[0] is 0, the length tells the name's end)
 * sockaddr_in   0 family:2  2 port:2 (big-endian)  4 address:4                          (16 bytes)
 * sockaddr_in6  0 family:2  2 port:2 (big-endian)  8 address:16  24 scope:4             (28 bytes)
 * iovec         0 base:8    8 length:8
 * msghdr        0 name:8    8 namelen:4  (4)  16 iov:8  24 iovlen:8
 *              32 control:8  40 controllen:8  48 flags:4  (4)
 * cmsghdr       0 len:8     8 level:4   12 type:4  16 data ...  (the next at a multiple of 8)
 * ucred         0 pid:4     4 uid:4      8 gid:4
 * pollfd        0 fd:4      4 events:2   6 revents:2
 * epoll_event   0 events:4  4 data:8                            (x86-64: 12 bytes)
 * epoll_event   0 events:4  (4)  8 data:8                       (aarch64: 16 bytes)
 * statfs        0 type:8    ...                                 (120 bytes)
 * statx        40 size:8   48 blocks:8  ...                     (256 bytes)
 * </pre>
 */
final class KernelLayout {
  static final boolean X86_64 = System.getProperty("os.arch", "").equals("amd64");

  static final int SOCKADDR_UN_FAMILY = 0;
  static final int SOCKADDR_UN_PATH = 2;
  static final int SOCKADDR_UN_PATH_LENGTH = 108;
  static final int SOCKADDR_UN_SIZE = SOCKADDR_UN_PATH + SOCKADDR_UN_PATH_LENGTH;

  static final int SOCKADDR_FAMILY = 0;
  static final int SOCKADDR_PORT = 2;
  static final int SOCKADDR_IN_ADDRESS = 4;
  static final int SOCKADDR_IN_SIZE = 16;
  static final int SOCKADDR_IN6_ADDRESS = 8;
  static final int SOCKADDR_IN6_SCOPE = 24;
  static final int SOCKADDR_IN6_SIZE = 28;

  static final int IOVEC_BASE = 0;
  static final int IOVEC_LENGTH = 8;
  static final int IOVEC_SIZE = 16;

  static final int MSGHDR_NAME = 0;
  static final int MSGHDR_NAMELEN = 8;
  static final int MSGHDR_IOV = 16;
  static final int MSGHDR_IOVLEN = 24;
  static final int MSGHDR_CONTROL = 32;
  static final int MSGHDR_CONTROLLEN = 40;
  static final int MSGHDR_FLAGS = 48;
  static final int MSGHDR_SIZE = 56;

  static final int CMSGHDR_LEN = 0;
  static final int CMSGHDR_LEVEL = 8;
  static final int CMSGHDR_TYPE = 12;
  static final int CMSGHDR_DATA = 16;

  static final int UCRED_PID = 0;
  static final int UCRED_UID = 4;
  static final int UCRED_GID = 8;
  static final int UCRED_SIZE = 12;

  static final int POLLFD_FD = 0;
  static final int POLLFD_EVENTS = 4;
  static final int POLLFD_REVENTS = 6;
  static final int POLLFD_SIZE = 8;

  static final int EPOLL_EVENT_EVENTS = 0;
  static final int EPOLL_EVENT_DATA = X86_64 ? 4 : 8;
  static final int EPOLL_EVENT_SIZE = X86_64 ? 12 : 16;

  static final int STATFS_TYPE = 0;
  static final int STATFS_SIZE = 120;

  static final int STATX_SIZE = 40;
  static final int STATX_BLOCKS = 48;
  static final int STATX_BYTES = 256;

  private KernelLayout() {}

  /** {@code CMSG_ALIGN}: where the control message after one of {@code length} bytes begins. */
  static long alignControl(long length) {
    return (length + 7) & ~7L;
  }
}
