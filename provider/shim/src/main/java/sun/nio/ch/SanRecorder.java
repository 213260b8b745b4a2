package sun.nio.ch;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The flight recorder of the JDKs before 22, whose socket events are classes of its own module.
 * Used only when that module's classes are loaded anyway.
 */
final class SanRecorder {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final MethodType FLAG = MethodType.methodType(boolean.class);
  private static final MethodHandle IS_INITIALIZED = isInitialized();

  private SanRecorder() {}

  /** Whether somebody has started the recorder: before, its events must not be touched. */
  static boolean isUp() throws Throwable {
    return IS_INITIALIZED != null && (boolean) IS_INITIALIZED.invokeExact() && Events.BOUND;
  }

  static long beginRead() throws Throwable {
    return (boolean) Events.READ_ENABLED.invokeExact() ? (long) Events.NOW.invokeExact() : 0;
  }

  static long beginWrite() throws Throwable {
    return (boolean) Events.WRITE_ENABLED.invokeExact() ? (long) Events.NOW.invokeExact() : 0;
  }

  static void endRead(long start, long bytes, InetSocketAddress remote, long timeout)
      throws Throwable {
    long duration = (long) Events.NOW.invokeExact() - start;
    if ((boolean) Events.READ_COUNTS.invokeExact(duration)) {
      InetAddress address = remote.getAddress();
      Events.COMMIT_READ.invokeExact(
          start,
          duration,
          hostName(address),
          address.getHostAddress(),
          remote.getPort(),
          timeout,
          Math.max(bytes, 0),
          bytes < 0);
    }
  }

  static void endWrite(long start, long bytes, InetSocketAddress remote) throws Throwable {
    long duration = (long) Events.NOW.invokeExact() - start;
    if ((boolean) Events.WRITE_COUNTS.invokeExact(duration)) {
      InetAddress address = remote.getAddress();
      Events.COMMIT_WRITE.invokeExact(
          start,
          duration,
          hostName(address),
          address.getHostAddress(),
          remote.getPort(),
          Math.max(bytes, 0));
    }
  }

  /** The name if it is known, else nothing: nobody looks names up here. */
  private static String hostName(InetAddress address) {
    String text = address.toString(); // name/literal
    return text.substring(0, text.lastIndexOf('/'));
  }

  private static MethodHandle isInitialized() {
    try {
      // Public, so that it is found before the recorder has made this module read its own.
      return MethodHandles.publicLookup()
          .findStatic(Class.forName("jdk.jfr.FlightRecorder", false, null), "isInitialized", FLAG);
    } catch (ReflectiveOperationException e) {
      return null; // Then nothing is recorded.
    }
  }

  /** Bound to the recorder's two event types; a recorder that is not known stays unbound. */
  private static final class Events {
    private static final MethodType READ =
        MethodType.methodType(
            void.class,
            long.class,
            long.class,
            String.class,
            String.class,
            int.class,
            long.class,
            long.class,
            boolean.class);
    private static final MethodType WRITE =
        MethodType.methodType(
            void.class, long.class, long.class, String.class, String.class, int.class, long.class);

    static final MethodHandle NOW;
    static final MethodHandle READ_ENABLED;
    static final MethodHandle READ_COUNTS;
    static final MethodHandle COMMIT_READ;
    static final MethodHandle WRITE_ENABLED;
    static final MethodHandle WRITE_COUNTS;
    static final MethodHandle COMMIT_WRITE;
    static final boolean BOUND;

    static {
      MethodHandle[] all = bind();
      BOUND = all != null;
      NOW = BOUND ? all[0] : null;
      READ_ENABLED = BOUND ? all[1] : null;
      READ_COUNTS = BOUND ? all[2] : null;
      COMMIT_READ = BOUND ? all[3] : null;
      WRITE_ENABLED = BOUND ? all[4] : null;
      WRITE_COUNTS = BOUND ? all[5] : null;
      COMMIT_WRITE = BOUND ? all[6] : null;
    }

    private static MethodHandle[] bind() {
      try {
        boolean handlers = Runtime.version().feature() < 19; // Configurations since.
        Class<?> holder = load(handlers ? "events.Handlers" : "events.EventConfigurations");
        Class<?> type =
            load(handlers ? "internal.handlers.EventHandler" : "internal.event.EventConfiguration");
        Object read = LOOKUP.findStaticGetter(holder, "SOCKET_READ", type).invoke();
        Object write = LOOKUP.findStaticGetter(holder, "SOCKET_WRITE", type).invoke();
        MethodHandle enabled = LOOKUP.findVirtual(type, "isEnabled", FLAG);
        MethodHandle counts =
            LOOKUP.findVirtual(
                type, "shouldCommit", MethodType.methodType(boolean.class, long.class));
        return new MethodHandle[] {
          LOOKUP.findStatic(type, "timestamp", MethodType.methodType(long.class)),
          enabled.bindTo(read),
          counts.bindTo(read),
          handlers
              ? LOOKUP.findVirtual(type, "write", READ).bindTo(read)
              : LOOKUP.findStatic(load("events.SocketReadEvent"), "commit", READ),
          enabled.bindTo(write),
          counts.bindTo(write),
          handlers
              ? LOOKUP.findVirtual(type, "write", WRITE).bindTo(write)
              : LOOKUP.findStatic(load("events.SocketWriteEvent"), "commit", WRITE)
        };
      } catch (Throwable t) {
        if (t instanceof VirtualMachineError e) {
          throw e;
        }
        return null; // One of the releases between, or a changed one: nothing is recorded.
      }
    }

    private static Class<?> load(String name) throws ClassNotFoundException {
      return Class.forName("jdk.jfr." + name, true, null);
    }
  }
}
