package sun.nio.ch;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * UNIX-domain stream sockets with names in the abstract namespace, through the JDK's own natives.
 * The JDK's channels offer only names that are paths.
 */
public final class AbstractNames {
  private static final NativeDispatcher DISPATCHER = new SocketDispatcher();
  private static final MethodHandle BIND;
  private static final MethodHandle CONNECT;
  private static final MethodHandle SET_INT_OPTION;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PASSRIGHTS = 83;

  static {
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(UnixDomainSockets.class, MethodHandles.lookup());
      BIND =
          lookup.findStatic(
              UnixDomainSockets.class,
              "bind0",
              MethodType.methodType(void.class, FileDescriptor.class, byte[].class));
      CONNECT =
          lookup.findStatic(
              UnixDomainSockets.class,
              "connect0",
              MethodType.methodType(int.class, FileDescriptor.class, byte[].class));
      SET_INT_OPTION =
          MethodHandles.privateLookupIn(Net.class, MethodHandles.lookup())
              .findStatic(
                  Net.class,
                  "setIntOption0",
                  MethodType.methodType(
                      void.class,
                      FileDescriptor.class,
                      boolean.class,
                      int.class,
                      int.class,
                      int.class,
                      boolean.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private AbstractNames() {}

  /**
   * Binds and listens.
   *
   * @param name the name without its leading NUL
   * @throws java.net.BindException if the name is taken
   */
  public static FileDescriptor listen(String name, int backlog) throws IOException {
    FileDescriptor fd = UnixDomainSockets.socket();
    try {
      refuseDescriptors(fd);
      BIND.invokeExact(fd, bytes(name));
      Net.listen(fd, backlog);
      return fd;
    } catch (Throwable t) {
      throw closing(fd, t);
    }
  }

  /**
   * Connects, blocking for no longer than the listener's backlog is full.
   *
   * @throws java.net.ConnectException if nobody listens on the name
   */
  public static FileDescriptor connect(String name) throws IOException {
    FileDescriptor fd = UnixDomainSockets.socket();
    try {
      refuseDescriptors(fd);
      int n = (int) CONNECT.invokeExact(fd, bytes(name));
      if (n < 0) {
        throw new IOException("connect to @" + name + " did not complete");
      }
      return fd;
    } catch (Throwable t) {
      throw closing(fd, t);
    }
  }

  /**
   * Has the kernel let nobody send descriptors here, nor to whoever connects: to close them may
   * take as long as their sender likes. Before Linux 6.16 that can't be had.
   */
  private static void refuseDescriptors(FileDescriptor fd) throws Throwable {
    try {
      SET_INT_OPTION.invokeExact(fd, false, SOL_SOCKET, SO_PASSRIGHTS, 0, false);
    } catch (SocketException e) {
      return; // The kernel does not know that.
    }
  }

  /** Accepts, blocking; returns null if the wait was interrupted by a signal. */
  public static FileDescriptor accept(FileDescriptor listener) throws IOException {
    FileDescriptor accepted = new FileDescriptor();
    try {
      return UnixDomainSockets.accept(listener, accepted, new String[1]) > 0 ? accepted : null;
    } catch (Throwable t) {
      if (accepted.valid()) {
        throw closing(accepted, t); // The JDK had no memory for the peer's name, or no stack.
      }
      throw t;
    }
  }

  /** Has reads and writes return at once from now on, with 0 if there is nothing to do. */
  public static void dontBlock(FileDescriptor fd) throws IOException {
    IOUtil.configureBlocking(fd, false);
  }

  /** What the kernel says of an option, such as {@code SO_PEERCRED}. */
  public static Object option(FileDescriptor fd, SocketOption<?> name) throws IOException {
    return Net.getSocketOption(fd, name);
  }

  /** Ends a blocked {@link #accept}, and every one to come. */
  public static void shutdown(FileDescriptor fd) throws IOException {
    Net.shutdown(fd, Net.SHUT_RDWR);
  }

  /** Reads up to {@code dst}'s remaining bytes; -1 at end of stream. */
  public static int read(FileDescriptor fd, ByteBuffer dst) throws IOException {
    return IOStatus.normalize(IOUtil.read(fd, dst, -1, DISPATCHER));
  }

  /** Writes some of {@code src}'s remaining bytes. */
  public static int write(FileDescriptor fd, ByteBuffer src) throws IOException {
    return IOStatus.normalize(IOUtil.write(fd, src, -1, DISPATCHER));
  }

  public static void close(FileDescriptor fd) throws IOException {
    DISPATCHER.close(fd);
  }

  private static byte[] bytes(String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[text.length + 1];
    System.arraycopy(text, 0, bytes, 1, text.length);
    return bytes;
  }

  private static IOException closing(FileDescriptor fd, Throwable t) {
    try {
      DISPATCHER.close(fd);
    } catch (IOException e) {
      t.addSuppressed(e);
    }
    if (t instanceof Error e) {
      throw e;
    }
    return t instanceof IOException e ? e : new IOException(t);
  }
}
