package io.twinport.posix;

import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Function;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import com.kenai.jffi.Views;
import java.nio.ByteBuffer;

/**
 * The functions of the C library as C has them. Primitives only: a call allocates nothing. Every
 * pointer and every {@code size_t} is a {@code long}, which both architectures pass alike, also
 * where C declares {@code ...}.
 *
 * <p>Bound with jffi, on which JNR-FFI stands, and not with JNR-FFI itself: that generates a class
 * of calls just like these, for which the first listener of a process would wait 100 ms.
 */
final class LibC {
  private static final Type INT = Type.SINT32;
  private static final Type LONG = Type.SINT64;

  private static final Invoker INVOKER = Invoker.getInstance(); // Loads the library.
  private static final LastError LAST_ERROR = LastError.getInstance();
  private static final Library PROCESS = Library.getDefault();

  private static final Function MEMFD_CREATE = function("memfd_create", INT, LONG, INT);
  private static final Function OPEN = function("open", INT, LONG, INT);
  private static final Function FALLOCATE = function("fallocate", INT, INT, INT, LONG, LONG);
  private static final Function STATX = function("statx", INT, INT, LONG, INT, INT, LONG);
  private static final Function FSTATFS = function("fstatfs", INT, INT, LONG);
  private static final Function FCNTL = function("fcntl", INT, INT, INT, LONG);
  private static final Function CLOSE = function("close", INT, INT);
  private static final Function READ = function("read", LONG, INT, LONG, LONG);
  private static final Function PREADV2 = function("preadv2", LONG, INT, LONG, INT, LONG, INT);
  private static final Function WRITE = function("write", LONG, INT, LONG, LONG);
  private static final Function EVENTFD = function("eventfd", INT, INT, INT);
  private static final Function POLL = function("poll", INT, LONG, LONG, INT);
  private static final Function EPOLL_CREATE1 = function("epoll_create1", INT, INT);
  private static final Function EPOLL_CTL = function("epoll_ctl", INT, INT, INT, INT, LONG);
  private static final Function EPOLL_WAIT = function("epoll_wait", INT, INT, LONG, INT, INT);
  private static final Function MMAP = function("mmap", LONG, LONG, LONG, INT, INT, INT, LONG);
  private static final Function MUNMAP = function("munmap", INT, LONG, LONG);
  private static final Function SOCKET = function("socket", INT, INT, INT, INT);
  private static final Function SOCKETPAIR = function("socketpair", INT, INT, INT, INT, LONG);
  private static final Function BIND = function("bind", INT, INT, LONG, INT);
  private static final Function LISTEN = function("listen", INT, INT, INT);
  private static final Function ACCEPT4 = function("accept4", INT, INT, LONG, LONG, INT);
  private static final Function CONNECT = function("connect", INT, INT, LONG, INT);
  private static final Function GETSOCKNAME = function("getsockname", INT, INT, LONG, LONG);
  private static final Function RECV = function("recv", LONG, INT, LONG, LONG, INT);
  private static final Function SENDMSG = function("sendmsg", LONG, INT, LONG, INT);
  private static final Function RECVMSG = function("recvmsg", LONG, INT, LONG, INT);
  private static final Function GETSOCKOPT = function("getsockopt", INT, INT, INT, INT, LONG, LONG);
  private static final Function SETSOCKOPT = function("setsockopt", INT, INT, INT, INT, LONG, INT);
  private static final Function SHUTDOWN = function("shutdown", INT, INT, INT);
  private static final Function USLEEP = function("usleep", INT, INT);
  private static final Function SCHED_GETCPU = neverFails("sched_getcpu", INT);
  private static final Function SCHED_GETAFFINITY =
      function("sched_getaffinity", INT, INT, LONG, LONG);
  private static final Function SCHED_SETAFFINITY =
      function("sched_setaffinity", INT, INT, LONG, LONG);
  private static final Function MEMCPY = neverFails("memcpy", LONG, LONG, LONG, LONG);
  private static final Function GETPID = neverFails("getpid", INT);
  private static final Function GETUID = neverFails("getuid", INT);
  private static final Function GETEUID = neverFails("geteuid", INT);

  private LibC() {}

  /** A function that says in {@code errno} why it failed. */
  private static Function function(String name, Type result, Type... parameters) {
    return find(name, result, parameters, true);
  }

  private static Function neverFails(String name, Type result, Type... parameters) {
    return find(name, result, parameters, false);
  }

  private static Function find(String name, Type result, Type[] parameters, boolean errno) {
    long address = PROCESS.getSymbolAddress(name);
    if (address == 0) {
      throw new UnsatisfiedLinkError("the C library has no " + name);
    }
    return new Function(address, result, parameters, CallingConvention.DEFAULT, errno);
  }

  static int memfd_create(long name, int flags) {
    return (int) INVOKER.invokeLLrL(MEMFD_CREATE, name, flags);
  }

  static int open(long path, int flags) {
    return (int) INVOKER.invokeLLrL(OPEN, path, flags);
  }

  static int fallocate(int fd, int mode, long offset, long length) {
    return (int) INVOKER.invokeLLLLrL(FALLOCATE, fd, mode, offset, length);
  }

  static int statx(int fd, long path, int flags, int mask, long buffer) {
    return (int) INVOKER.invokeLLLLLrL(STATX, fd, path, flags, mask, buffer);
  }

  static int fstatfs(int fd, long buffer) {
    return (int) INVOKER.invokeLLrL(FSTATFS, fd, buffer);
  }

  static int fcntl(int fd, int command, long argument) {
    return (int) INVOKER.invokeLLLrL(FCNTL, fd, command, argument);
  }

  static int close(int fd) {
    return (int) INVOKER.invokeLrL(CLOSE, fd);
  }

  static long read(int fd, long buffer, long length) {
    return INVOKER.invokeLLLrL(READ, fd, buffer, length);
  }

  static long preadv2(int fd, long vectors, int count, long offset, int flags) {
    return INVOKER.invokeLLLLLrL(PREADV2, fd, vectors, count, offset, flags);
  }

  static long write(int fd, long buffer, long length) {
    return INVOKER.invokeLLLrL(WRITE, fd, buffer, length);
  }

  static int eventfd(int initial, int flags) {
    return (int) INVOKER.invokeLLrL(EVENTFD, initial, flags);
  }

  static int poll(long fds, long count, int timeoutMillis) {
    return (int) INVOKER.invokeLLLrL(POLL, fds, count, timeoutMillis);
  }

  static int epoll_create1(int flags) {
    return (int) INVOKER.invokeLrL(EPOLL_CREATE1, flags);
  }

  static int epoll_ctl(int epoll, int operation, int fd, long event) {
    return (int) INVOKER.invokeLLLLrL(EPOLL_CTL, epoll, operation, fd, event);
  }

  static int epoll_wait(int epoll, long events, int capacity, int timeoutMillis) {
    return (int) INVOKER.invokeLLLLrL(EPOLL_WAIT, epoll, events, capacity, timeoutMillis);
  }

  static long mmap(long address, long length, int protection, int flags, int fd, long offset) {
    return INVOKER.invokeLLLLLLrL(MMAP, address, length, protection, flags, fd, offset);
  }

  static int munmap(long address, long length) {
    return (int) INVOKER.invokeLLrL(MUNMAP, address, length);
  }

  static int socket(int domain, int type, int protocol) {
    return (int) INVOKER.invokeLLLrL(SOCKET, domain, type, protocol);
  }

  static int socketpair(int domain, int type, int protocol, long fds) {
    return (int) INVOKER.invokeLLLLrL(SOCKETPAIR, domain, type, protocol, fds);
  }

  static int bind(int fd, long address, int length) {
    return (int) INVOKER.invokeLLLrL(BIND, fd, address, length);
  }

  static int listen(int fd, int backlog) {
    return (int) INVOKER.invokeLLrL(LISTEN, fd, backlog);
  }

  static int accept4(int fd, long address, long length, int flags) {
    return (int) INVOKER.invokeLLLLrL(ACCEPT4, fd, address, length, flags);
  }

  static int connect(int fd, long address, int length) {
    return (int) INVOKER.invokeLLLrL(CONNECT, fd, address, length);
  }

  static int getsockname(int fd, long address, long length) {
    return (int) INVOKER.invokeLLLrL(GETSOCKNAME, fd, address, length);
  }

  static long recv(int fd, long buffer, long length, int flags) {
    return INVOKER.invokeLLLLrL(RECV, fd, buffer, length, flags);
  }

  static long sendmsg(int fd, long message, int flags) {
    return INVOKER.invokeLLLrL(SENDMSG, fd, message, flags);
  }

  static long recvmsg(int fd, long message, int flags) {
    return INVOKER.invokeLLLrL(RECVMSG, fd, message, flags);
  }

  static int getsockopt(int fd, int level, int option, long value, long length) {
    return (int) INVOKER.invokeLLLLLrL(GETSOCKOPT, fd, level, option, value, length);
  }

  static int setsockopt(int fd, int level, int option, long value, int length) {
    return (int) INVOKER.invokeLLLLLrL(SETSOCKOPT, fd, level, option, value, length);
  }

  static int shutdown(int fd, int how) {
    return (int) INVOKER.invokeLLrL(SHUTDOWN, fd, how);
  }

  static void memcpy(long to, long from, long length) {
    INVOKER.invokeLLLrL(MEMCPY, to, from, length);
  }

  static int usleep(int micros) {
    return (int) INVOKER.invokeLrL(USLEEP, micros);
  }

  static int sched_getcpu() {
    return (int) INVOKER.invokeVrL(SCHED_GETCPU);
  }

  static int sched_getaffinity(int thread, long bytes, long mask) {
    return (int) INVOKER.invokeLLLrL(SCHED_GETAFFINITY, thread, bytes, mask);
  }

  static int sched_setaffinity(int thread, long bytes, long mask) {
    return (int) INVOKER.invokeLLLrL(SCHED_SETAFFINITY, thread, bytes, mask);
  }

  static int getpid() {
    return (int) INVOKER.invokeVrL(GETPID);
  }

  static int getuid() {
    return (int) INVOKER.invokeVrL(GETUID);
  }

  static int geteuid() {
    return (int) INVOKER.invokeVrL(GETEUID);
  }

  /** What the calling thread's last failed call left in {@code errno}. */
  static int errno() {
    return LAST_ERROR.get();
  }

  /** The failure of the calling thread's last call. */
  static ErrnoException failed(String call) {
    return new ErrnoException(errno(), call);
  }

  static ByteBuffer view(long address, int length) {
    return Views.of(address, length);
  }
}
