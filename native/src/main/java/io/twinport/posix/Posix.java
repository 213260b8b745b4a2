package io.twinport.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Descriptors and memory: sealed memfds, mappings, pipes and event descriptors. Methods throw {@link ErrnoException}
 * where a failure is exceptional; the few on hot paths return the negative error number instead, allocate nothing and
 * are safe from any thread.
 */
public final class Posix {
  /** The file can't shrink: reading a mapping of it never faults. See {@code fcntl(2)}. */
  public static final int F_SEAL_SEAL = 0x1;

  public static final int F_SEAL_SHRINK = 0x2;
  public static final int F_SEAL_GROW = 0x4;

  /** Nobody can write but through writable mappings that exist already. Linux 5.1. */
  public static final int F_SEAL_FUTURE_WRITE = 0x10;

  /** What a segment must carry before it is handed to a peer, or taken from one. */
  public static final int PEER_SEALS =
      F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;

  public static final int POLLIN = 0x1;
  public static final int POLLOUT = 0x4;
  public static final int POLLERR = 0x8;
  public static final int POLLHUP = 0x10;

  /** The size of a page of memory, in bytes; offsets and addresses of mappings are multiples of it. */
  public static final int PAGE_SIZE = Memory.pageSize();

  static final int O_WRONLY = 0x1;
  static final int O_ACCMODE = 0x3;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;

  private static final int SEEK_END = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_GETPIPE_SZ = 1032;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;
  private static final int MFD_CLOEXEC = 0x1;
  private static final int MFD_ALLOW_SEALING = 0x2;
  private static final int MFD_NOEXEC_SEAL = 0x8;
  private static final long TMPFS_MAGIC = 0x01021994L;
  private static final int PROT_READ = 0x1;
  private static final int PROT_WRITE = 0x2;
  private static final int MAP_SHARED = 0x1;
  private static final int MAP_PRIVATE = 0x2;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;
  private static final long MAP_FAILED = -1;

  /** One byte to write, any byte. */
  private static final long ONE_BYTE = Memory.allocate(8);

  /** Where drained bytes go. Threads may share it: nobody reads it. */
  private static final long DRAIN = Memory.allocate(4096);

  private static final int DRAIN_LENGTH = 4096;

  static {
    Memory.putLong(ONE_BYTE, 1);
  }

  private Posix() {}

  /**
   * Loads the native library and tries one call. Takes 100 to 250 ms the first time in a process, nothing afterwards.
   *
   * @param directory where JNR may unpack its library, or null for the temporary directory
   * @throws IOException in one line, if this is not 64-bit Linux on x86 or ARM, or the library can't be loaded
   */
  public static void load(String directory) throws IOException {
    Loading.load(directory);
  }

  /**
   * Creates an unnamed file in memory, closed on {@code exec}, not executable where the kernel knows that (6.3), to
   * which seals can be added.
   *
   * @param name shown in {@code /proc/<pid>/maps}, at most 249 bytes
   * @param size in bytes
   */
  public static int memfd(String name, long size) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Adds seals ({@code F_ADD_SEALS}). Map what is to be written before sealing with {@link #F_SEAL_FUTURE_WRITE}. */
  public static void seal(int fd, int seals) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The file's seals; fails with {@code EINVAL} for what can't have any. */
  public static int seals(int fd) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Whether {@code fd} is an ordinary (not huge-page) file in memory that carries all of {@code seals}. What a peer sent
   * is mapped only if so: such a mapping never faults.
   */
  public static boolean isSealedMemory(int fd, int seals) {
    throw new UnsupportedOperationException();
  }

  /** Whether {@code fd} is a pipe or FIFO that is open for writing. */
  public static boolean isPipeToWrite(int fd) {
    throw new UnsupportedOperationException();
  }

  /** The size of a file, in bytes. Moves the file offset, which nothing here uses. */
  public static long size(int fd) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Maps {@code length} bytes of a file for reading and writing, shared. The mapping outlives the descriptor. */
  public static long mapReadWrite(int fd, long offset, long length) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Maps {@code length} bytes of a file for reading, shared. The mapping outlives the descriptor. */
  public static long mapReadOnly(int fd, long offset, long length) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Reserves {@code length} bytes of address space in which nothing can be read or written yet. */
  public static long reserve(long length) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** As {@link #mapReadWrite}, in the place of what is mapped at {@code address}, at once. */
  public static void mapReadWriteOver(long address, int fd, long offset, long length)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** As {@link #mapReadOnly}, in the place of what is mapped at {@code address}, at once. */
  public static void mapReadOnlyOver(long address, int fd, long offset, long length)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Puts zeroes that can only be read in the place of what is mapped at {@code address}, at once: the memory is given
   * back, and a thread that still looks there finds zeroes and no fault.
   */
  public static void mapZeroesOver(long address, long length) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Unmaps; nobody may look there any more. */
  public static void unmap(long address, long length) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * A direct buffer over memory that stays the caller's: nothing is copied, and nothing is freed when the buffer is
   * collected. Big-endian, as every new buffer.
   */
  public static ByteBuffer view(long address, int length) {
    return LibC.view(address, length);
  }

  /** Creates a pipe. */
  public static PipeEnds pipe() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Creates an event descriptor, 0, non-blocking and closed on {@code exec}: to wake threads of this process. */
  public static int eventfd() throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Opens what {@code fd} has open once more, for writing without blocking, closed on {@code exec}, through
   * {@code /proc/self/fd}: its flags are then shared with nobody.
   */
  public static int reopenToWrite(int fd) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Sets who may open the file again; a pipe's owner allows other users so to {@link #reopenToWrite} it. */
  public static void chmod(int fd, int mode) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The file status flags ({@code F_GETFL}). */
  public static int flags(int fd) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Whether reads and writes block. A flag of the open file, shared by everybody who has it. */
  public static void setBlocking(int fd, boolean blocking) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Closes a descriptor. Never fails in a way that matters: the descriptor is gone in any case. */
  public static void close(int fd) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes one byte into a pipe: rings a bell.
   *
   * @return 1, or the negative error number: {@code -EAGAIN} if the pipe is full (so its reader wakes anyway), {@code
   *     -EPIPE} if nobody reads any more
   */
  public static int ring(int fd) {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads at most 4096 bytes (or an event descriptor's count) and forgets them.
   *
   * @return the bytes read, 0 at the end of the stream, or the negative error number, {@code -EAGAIN} if there is
   *     nothing
   */
  public static int drain(int fd) {
    throw new UnsupportedOperationException();
  }

  /** Adds 1 to an event descriptor; returns 8 or the negative error number. */
  public static int signal(int eventfd) {
    throw new UnsupportedOperationException();
  }

  /** {@code read(2)}: the bytes read, 0 at the end of the stream, or the negative error number. */
  public static long read(int fd, long address, long length) {
    throw new UnsupportedOperationException();
  }

  /** {@code write(2)}: the bytes written, or the negative error number. */
  public static long write(int fd, long address, long length) {
    throw new UnsupportedOperationException();
  }

  /**
   * Waits until {@code fd} is ready.
   *
   * @param scratch the address of 8 bytes that no other thread uses meanwhile
   * @param events such as {@link #POLLIN}
   * @param timeoutMillis -1 for no limit
   * @return the events found, 0 after the timeout, or the negative error number: {@code -EINTR} after a signal
   */
  public static int poll(int fd, int events, int timeoutMillis, long scratch) {
    throw new UnsupportedOperationException();
  }

  /** The process's id in its own pid namespace. */
  public static int pid() {
    return LibC.CALL.getpid();
  }

  /** The real user id, unsigned. */
  public static long uid() {
    return Integer.toUnsignedLong(LibC.CALL.getuid());
  }

  /** The effective user id, unsigned: what a peer sees in {@link Credentials}. */
  public static long effectiveUid() {
    return Integer.toUnsignedLong(LibC.CALL.geteuid());
  }

  /** A zero-terminated copy, to be freed. */
  static long cString(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long address = Memory.allocate(bytes.length + 1L);
    Memory.copy(bytes, 0, address, bytes.length);
    Memory.putByte(address + bytes.length, (byte) 0);
    return address;
  }
}
