package io.twinport.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Descriptors and memory: sealed memfds, mappings and event descriptors. Methods throw {@link
 * ErrnoException} where a failure is exceptional; the few on hot paths return the negative error
 * number instead, allocate nothing and are safe from any thread.
 */
public final class Posix {
  /** No seal can be added any more. The seals are those of {@code fcntl(2)}. */
  public static final int F_SEAL_SEAL = 0x1;

  /** The file can't shrink: reading a mapping of it never faults. */
  public static final int F_SEAL_SHRINK = 0x2;

  public static final int F_SEAL_GROW = 0x4;

  /** Nobody can write but through writable mappings that exist already. Linux 5.1. */
  public static final int F_SEAL_FUTURE_WRITE = 0x10;

  /** What a file must carry before it is handed to a peer, or taken from one. */
  public static final int PEER_SEALS =
      F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;

  public static final int POLLIN = 0x1;
  public static final int POLLOUT = 0x4;
  public static final int POLLERR = 0x8;
  public static final int POLLHUP = 0x10;

  /**
   * The size of a page of memory, in bytes; offsets and addresses of mappings are multiples of it.
   */
  public static final int PAGE_SIZE = Memory.pageSize();

  private static final int O_RDONLY = 0x0;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;

  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;
  private static final int EFD_SEMAPHORE = 0x1;
  private static final int RWF_NOWAIT = 0x8;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_SETLEASE = 1024;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;
  private static final int MFD_CLOEXEC = 0x1;
  private static final int MFD_ALLOW_SEALING = 0x2;
  private static final int MFD_NOEXEC_SEAL = 0x8;
  private static final long TMPFS_MAGIC = 0x01021994L;
  private static final int PROT_NONE = 0x0;
  private static final int PROT_READ = 0x1;
  private static final int PROT_WRITE = 0x2;
  private static final int MAP_SHARED = 0x1;
  private static final int MAP_PRIVATE = 0x2;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;
  private static final long MAP_FAILED = -1;
  private static final int DRAIN_LENGTH = 4096;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_SIZE = 0x200;
  private static final int STATX_BLOCKS = 0x400;
  private static final int STATX_BLOCK = 512;

  /** Room for 8,192 processors, the most that Linux knows. */
  private static final int CPU_MASK_BYTES = 1024;

  /** 1 as 8 bytes: what is written to an event descriptor. */
  private static final long ONE = Memory.allocate(Long.BYTES);

  /** The empty string. */
  private static final long EMPTY = Memory.allocate(1);

  /** Where drained bytes go. Threads may share it: nobody reads it. */
  private static final long DRAIN = Memory.allocate(DRAIN_LENGTH);

  /** The highest count of an event descriptor that can be written. */
  private static final long MOST = Memory.allocate(Long.BYTES);

  /** An {@code iovec} of 8 bytes, where rings go. */
  private static final long ONE_LONG = Memory.allocate(KernelLayout.IOVEC_SIZE);

  static {
    Memory.putLong(ONE, 1);
    Memory.putLong(MOST, -2);
    Memory.putLong(ONE_LONG + KernelLayout.IOVEC_BASE, DRAIN);
    Memory.putLong(ONE_LONG + KernelLayout.IOVEC_LENGTH, Long.BYTES);
    Memory.putByte(EMPTY, (byte) 0);
  }

  private Posix() {}

  /**
   * Loads the native library and tries one call. Takes some 20 ms the first time in a process,
   * nothing afterwards.
   *
   * @param directory where jffi may unpack its library, or null for the temporary directory
   * @throws IOException in one line, if this is not 64-bit Linux on x86 or ARM, or the library
   *     can't be loaded
   */
  public static void load(String directory) throws IOException {
    Loading.load(directory);
  }

  /**
   * Creates an unnamed file of zeroes in memory, closed on {@code exec}, not executable where the
   * kernel knows that (6.3), to which seals can be added. All of its memory is there: no access to
   * a mapping of it fails for want of memory, or is charged to whoever looks first.
   *
   * @param name shown in {@code /proc/<pid>/maps}, at most 249 bytes
   * @param size in bytes
   */
  public static int memfd(String name, long size) throws IOException {
    long path = cString(name);
    int fd;
    try {
      // vm.memfd_noexec=2 refuses files that could be executed; kernels before 6.3 refuse the flag
      // that says that this one can't.
      fd = LibC.memfd_create(path, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
      if (fd < 0 && LibC.errno() == Errno.EINVAL) {
        fd = LibC.memfd_create(path, MFD_CLOEXEC | MFD_ALLOW_SEALING);
      }
      if (fd < 0) {
        throw LibC.failed("memfd_create(" + name + ")");
      }
    } finally {
      Memory.free(path);
    }
    int allocated;
    do {
      allocated = LibC.fallocate(fd, 0, 0, size);
    } while (allocated < 0 && LibC.errno() == Errno.EINTR);
    if (allocated < 0) {
      ErrnoException failure = LibC.failed("fallocate(" + name + ", " + size + ")");
      close(fd);
      throw failure;
    }
    return fd;
  }

  /**
   * Adds seals ({@code F_ADD_SEALS}). Map what is to be written before sealing with {@link
   * #F_SEAL_FUTURE_WRITE}.
   */
  public static void seal(int fd, int seals) throws IOException {
    if (LibC.fcntl(fd, F_ADD_SEALS, seals) < 0) {
      throw LibC.failed("fcntl(" + fd + ", F_ADD_SEALS, 0x" + Integer.toHexString(seals) + ")");
    }
  }

  /** The file's seals; fails with {@code EINVAL} for what can't have any. */
  public static int seals(int fd) throws IOException {
    int seals = LibC.fcntl(fd, F_GET_SEALS, 0);
    if (seals < 0) {
      throw LibC.failed("fcntl(" + fd + ", F_GET_SEALS)");
    }
    return seals;
  }

  /**
   * Whether {@code fd} is an ordinary (not huge-page) file in memory that carries {@link
   * #PEER_SEALS}, has {@code size} bytes and no holes. What a peer sent is mapped only if so: such
   * a mapping never faults, takes no memory of this process's account, and shows nothing else than
   * what the peer writes. Asks nobody but the kernel, whatever {@code fd} is.
   */
  public static boolean isSharable(int fd, long size) {
    // Asked first: only the kernel's own files have seals, and asking others for anything may wait
    // for whoever serves them.
    int seals = LibC.fcntl(fd, F_GET_SEALS, 0);
    if (seals < 0 || (seals & PEER_SEALS) != PEER_SEALS) {
      return false;
    }
    long status = Memory.allocate(KernelLayout.STATX_BYTES);
    try {
      // A file of huge pages has seals too, but may fault where the reserve of such pages is used
      // up. No hole comes later: F_SEAL_FUTURE_WRITE forbids to punch one.
      return LibC.fstatfs(fd, status) >= 0
          && Memory.getLong(status + KernelLayout.STATFS_TYPE) == TMPFS_MAGIC
          && LibC.statx(fd, EMPTY, AT_EMPTY_PATH, STATX_SIZE | STATX_BLOCKS, status) >= 0
          && Memory.getLong(status + KernelLayout.STATX_SIZE) == size
          && Memory.getLong(status + KernelLayout.STATX_BLOCKS) * STATX_BLOCK >= size;
    } finally {
      Memory.free(status);
    }
  }

  /**
   * Maps {@code length} bytes of a file for reading and writing, shared. The mapping outlives the
   * descriptor.
   */
  public static long mapReadWrite(int fd, long offset, long length) throws IOException {
    return map(0, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
  }

  /**
   * Maps {@code length} bytes of a file for reading, shared. The mapping outlives the descriptor.
   */
  public static long mapReadOnly(int fd, long offset, long length) throws IOException {
    return map(0, length, PROT_READ, MAP_SHARED, fd, offset);
  }

  /** Reserves {@code length} bytes of address space in which nothing can be read or written yet. */
  public static long reserve(long length) throws IOException {
    return map(0, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }

  /** As {@link #mapReadWrite}, in the place of what is mapped at {@code address}, at once. */
  public static void mapReadWriteOver(long address, int fd, long offset, long length)
      throws IOException {
    map(address, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, offset);
  }

  /** As {@link #mapReadOnly}, in the place of what is mapped at {@code address}, at once. */
  public static void mapReadOnlyOver(long address, int fd, long offset, long length)
      throws IOException {
    map(address, length, PROT_READ, MAP_SHARED | MAP_FIXED, fd, offset);
  }

  /**
   * Puts zeroes that can only be read in the place of what is mapped at {@code address}, at once:
   * the memory is given back, and a thread that still looks there finds zeroes and no fault.
   */
  public static void mapZeroesOver(long address, long length) throws IOException {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    map(address, length, PROT_READ, flags, -1, 0);
  }

  /** Unmaps; nobody may look there any more. */
  public static void unmap(long address, long length) throws IOException {
    if (LibC.munmap(address, length) < 0) {
      throw LibC.failed("munmap(0x" + Long.toHexString(address) + ", " + length + ")");
    }
  }

  /**
   * A direct buffer over memory that stays the caller's: nothing is copied, and nothing is freed
   * when the buffer is collected. Big-endian, as every new buffer.
   */
  public static ByteBuffer view(long address, int length) {
    return LibC.view(address, length);
  }

  /**
   * Creates an event descriptor, 0, non-blocking and closed on {@code exec}: to wake threads of
   * this process.
   */
  public static int eventfd() throws IOException {
    int fd = LibC.eventfd(0, O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
      throw LibC.failed("eventfd");
    }
    return fd;
  }

  /**
   * Creates a wire, by which one process wakes another: an event descriptor, closed on {@code
   * exec}. Whoever has it rings by {@link #ring}; whoever wants to hear of that watches the edges
   * of its being writable ({@code EPOLLOUT | EPOLLET}), and neither reads nor writes.
   *
   * <p>So neither of them depends on what the other does with it. To be watched never blocks, and
   * to ring is a read, the one operation that does not wait whatever the descriptor's flags and
   * count are. Reads count down, from so much that it never comes to an end.
   */
  public static int wire() throws IOException {
    int fd = LibC.eventfd(0, EFD_SEMAPHORE | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
      throw LibC.failed("eventfd");
    }
    // As much as there can be: it becomes writable with the first ring.
    long written = LibC.write(fd, MOST, Long.BYTES);
    if (written < 0) {
      ErrnoException failure = LibC.failed("write(" + fd + ")");
      close(fd);
      throw failure;
    }
    return fd;
  }

  /**
   * Rings by a {@link #wire}. Never blocks; allocates nothing.
   *
   * @return 8, or the negative error number
   */
  public static int ring(int wire) {
    long read = LibC.preadv2(wire, ONE_LONG, 1, -1, RWF_NOWAIT);
    if (read < 0 && LibC.errno() == Errno.EOPNOTSUPP) {
      // Before Linux 5.8: may wait if the other side has changed the flags and the count.
      read = LibC.read(wire, DRAIN, Long.BYTES);
    }
    return read < 0 ? -LibC.errno() : (int) read;
  }

  /** Whether {@code fd} is an event descriptor. Asks nobody but the kernel, whatever it is. */
  public static boolean isEventfd(int fd) throws IOException {
    String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
    return target.equals("anon_inode:[eventfd]");
  }

  /** Another descriptor of what {@code fd} has open, closed on {@code exec}. */
  public static int duplicate(int fd) throws IOException {
    int duplicate = LibC.fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (duplicate < 0) {
      throw LibC.failed("fcntl(" + fd + ", F_DUPFD_CLOEXEC)");
    }
    return duplicate;
  }

  /**
   * Opens the file of {@code fd} once more, to read, closed on {@code exec}: what is opened so is
   * known to {@link #isOpenElsewhere}, other than a file in memory itself.
   */
  public static int reopen(int fd) throws IOException {
    long path = cString("/proc/self/fd/" + fd);
    try {
      int opened = LibC.open(path, O_RDONLY | O_CLOEXEC);
      if (opened < 0) {
        throw LibC.failed("open(/proc/self/fd/" + fd + ")");
      }
      return opened;
    } finally {
      Memory.free(path);
    }
  }

  /**
   * Whether anybody has the file that {@link #reopen} has opened as {@code fd} open or mapped
   * through another such opening: only if nobody has is a lease given to write it. False also where
   * the kernel gives no leases.
   */
  public static boolean isOpenElsewhere(int fd) {
    if (LibC.fcntl(fd, F_SETLEASE, F_WRLCK) < 0) {
      return LibC.errno() == Errno.EAGAIN;
    }
    LibC.fcntl(fd, F_SETLEASE, F_UNLCK);
    return false;
  }

  /** The file status flags ({@code F_GETFL}). */
  public static int flags(int fd) throws IOException {
    int flags = LibC.fcntl(fd, F_GETFL, 0);
    if (flags < 0) {
      throw LibC.failed("fcntl(" + fd + ", F_GETFL)");
    }
    return flags;
  }

  /** Whether reads and writes block. A flag of the open file, shared by everybody who has it. */
  public static void setBlocking(int fd, boolean blocking) throws IOException {
    int flags = flags(fd);
    int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (wanted != flags && LibC.fcntl(fd, F_SETFL, wanted) < 0) {
      throw LibC.failed("fcntl(" + fd + ", F_SETFL)");
    }
  }

  /** Closes a descriptor. Whatever {@code close(2)} says, Linux has let go of it then. */
  public static void close(int fd) {
    LibC.close(fd);
  }

  /**
   * Reads at most 4096 bytes, or an event descriptor's count, and forgets them.
   *
   * @return the bytes read, 0 at the end of the stream, or the negative error number, {@code
   *     -EAGAIN} if there is nothing
   */
  public static int drain(int fd) {
    long read = LibC.read(fd, DRAIN, DRAIN_LENGTH);
    return read < 0 ? -LibC.errno() : (int) read;
  }

  /** Adds 1 to an event descriptor; returns 8 or the negative error number. */
  public static int signal(int eventfd) {
    long written = LibC.write(eventfd, ONE, Long.BYTES);
    return written < 0 ? -LibC.errno() : (int) written;
  }

  /** {@code read(2)}: the bytes read, 0 at the end of the stream, or the negative error number. */
  public static long read(int fd, long address, long length) {
    long read = LibC.read(fd, address, length);
    return read < 0 ? -LibC.errno() : read;
  }

  /** {@code write(2)}: the bytes written, or the negative error number. */
  public static long write(int fd, long address, long length) {
    long written = LibC.write(fd, address, length);
    return written < 0 ? -LibC.errno() : written;
  }

  /**
   * Waits until {@code fd} is ready.
   *
   * @param scratch the address of 8 bytes that no other thread uses meanwhile
   * @param events such as {@link #POLLIN}
   * @param timeoutMillis -1 for no limit
   * @return the events found, 0 after the timeout, or the negative error number: {@code -EINTR}
   *     after a signal
   */
  public static int poll(int fd, int events, int timeoutMillis, long scratch) {
    Memory.putInt(scratch + KernelLayout.POLLFD_FD, fd);
    Memory.putShort(scratch + KernelLayout.POLLFD_EVENTS, (short) events);
    Memory.putShort(scratch + KernelLayout.POLLFD_REVENTS, (short) 0);
    int ready = LibC.poll(scratch, 1, timeoutMillis);
    if (ready < 0) {
      return -LibC.errno();
    }
    return ready == 0 ? 0 : Memory.getShort(scratch + KernelLayout.POLLFD_REVENTS) & 0xffff;
  }

  /** The core on which the calling thread runs, counted from 0; negative if that is not known. */
  public static int currentCore() {
    return LibC.sched_getcpu();
  }

  /** Sleeps for a microsecond, which the kernel makes some 50 more, or until a signal comes. */
  public static void rest() {
    LibC.usleep(1);
  }

  /**
   * Moves the calling thread to another core, by leaving the one it runs on out of its affinity for
   * a moment.
   *
   * @return false if it may run on this one only, or affinities can't be set here
   */
  public static boolean changeCore() {
    long mask = Memory.allocate(2 * CPU_MASK_BYTES);
    try {
      long without = mask + CPU_MASK_BYTES;
      Memory.fill(mask, CPU_MASK_BYTES, (byte) 0);
      // the result is 0 from the C library and the mask's length from the kernel
      if (LibC.sched_getaffinity(0, CPU_MASK_BYTES, mask) < 0) {
        return false;
      }
      Memory.copy(mask, without, CPU_MASK_BYTES);
      int cpu = currentCore();
      if (cpu < 0 || cpu >= 8 * CPU_MASK_BYTES) {
        return false;
      }
      long word = without + (cpu >>> 6) * 8L;
      Memory.putLong(word, Memory.getLong(word) & ~(1L << (cpu & 63)));
      // an empty mask is refused: this is the only core
      boolean moved = LibC.sched_setaffinity(0, CPU_MASK_BYTES, without) == 0;
      return moved && LibC.sched_setaffinity(0, CPU_MASK_BYTES, mask) == 0;
    } finally {
      Memory.free(mask);
    }
  }

  /** The process's id in its own pid namespace. */
  public static int pid() {
    return LibC.getpid();
  }

  /** The real user id, unsigned. */
  public static long uid() {
    return Integer.toUnsignedLong(LibC.getuid());
  }

  /** The effective user id, unsigned: what a peer sees in {@link Credentials}. */
  public static long effectiveUid() {
    return Integer.toUnsignedLong(LibC.geteuid());
  }

  private static long map(long address, long length, int protection, int flags, int fd, long offset)
      throws IOException {
    long mapped = LibC.mmap(address, length, protection, flags, fd, offset);
    if (mapped == MAP_FAILED) {
      throw LibC.failed("mmap(" + length + " bytes, descriptor " + fd + ", offset " + offset + ")");
    }
    return mapped;
  }

  /** A zero-terminated copy in UTF-8, to be freed with {@link Memory#free}. */
  public static long cString(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long address = Memory.allocate(bytes.length + 1L);
    Memory.copy(bytes, 0, address, bytes.length);
    Memory.putByte(address + bytes.length, (byte) 0);
    return address;
  }
}
