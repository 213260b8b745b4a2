package io.twinport.posix;

import com.kenai.jffi.LastError;
import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.IgnoreError;

/**
 * The one library and the one interface bound with JNR-FFI. Primitives only: a call allocates
 * nothing. Every pointer and every {@code size_t} is a {@code long}, which both architectures pass
 * alike, also where C declares {@code ...}.
 */
final class LibC {
  /**
   * The functions as C has them. Public because JNR's implementation of it lives in another class
   * loader; this class around it keeps it in the package.
   */
  public interface Functions {
    int memfd_create(long name, int flags);

    int ftruncate(int fd, long length);

    long lseek(int fd, long offset, int whence);

    int fstatfs(int fd, long buffer);

    int fchmod(int fd, int mode);

    int fcntl(int fd, int command, long argument);

    int open(long path, int flags, int mode);

    int close(int fd);

    long read(int fd, long buffer, long length);

    long write(int fd, long buffer, long length);

    int pipe2(long fds, int flags);

    int eventfd(int initial, int flags);

    int poll(long fds, long count, int timeoutMillis);

    int epoll_create1(int flags);

    int epoll_ctl(int epoll, int operation, int fd, long event);

    int epoll_wait(int epoll, long events, int capacity, int timeoutMillis);

    long mmap(long address, long length, int protection, int flags, int fd, long offset);

    int munmap(long address, long length);

    int socket(int domain, int type, int protocol);

    int socketpair(int domain, int type, int protocol, long fds);

    int bind(int fd, long address, int length);

    int listen(int fd, int backlog);

    int accept4(int fd, long address, long length, int flags);

    int connect(int fd, long address, int length);

    long sendmsg(int fd, long message, int flags);

    long recvmsg(int fd, long message, int flags);

    int getsockopt(int fd, int level, int option, long value, long length);

    int shutdown(int fd, int how);

    @IgnoreError
    int sched_getcpu();

    int sched_getaffinity(int thread, long bytes, long mask);

    int sched_setaffinity(int thread, long bytes, long mask);

    @IgnoreError
    int getpid();

    @IgnoreError
    int getuid();

    @IgnoreError
    int geteuid();
  }

  static final Functions CALL;
  private static final LastError LAST_ERROR;
  private static final MemoryIO BUFFERS;

  static {
    // Properties that JNR reads once, while it initializes; the application's again afterwards.
    Map<String, String> settings = new HashMap<>();
    // Without sun.misc.Unsafe, of which JDK 24 and later warn.
    settings.put("jffi.unsafe.disabled", "true");
    // Machine code written by JNR itself hands over a wrong sixth argument on x86-64, is no
    // faster (measured: 91 ns for getpid either way), and takes 20 ms to set up.
    settings.put("jnr.ffi.x86asm.enabled", "false");
    // With a directory named, JNR does not go on to try the current one.
    String directory = Loading.directory();
    settings.put(
        "jffi.extract.dir",
        directory != null
            ? directory
            : System.getProperty("jffi.extract.dir", System.getProperty("java.io.tmpdir")));
    Map<String, String> before = new HashMap<>();
    settings.forEach(
        (property, value) -> before.put(property, System.setProperty(property, value)));
    try {
      CALL = LibraryLoader.create(Functions.class).failImmediately().load("c");
      LAST_ERROR = LastError.getInstance();
      BUFFERS = MemoryIO.getInstance();
    } finally {
      before.forEach(LibC::restore);
    }
  }

  private LibC() {}

  /** What the calling thread's last failed call left in {@code errno}. */
  static int errno() {
    return LAST_ERROR.get();
  }

  /** The failure of the calling thread's last call. */
  static ErrnoException failed(String call) {
    return new ErrnoException(errno(), call);
  }

  static ByteBuffer view(long address, int length) {
    return BUFFERS.newDirectByteBuffer(address, length);
  }

  private static void restore(String property, String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }
}
