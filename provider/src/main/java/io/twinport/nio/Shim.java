package io.twinport.nio;

import io.twinport.config.Log;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import sun.nio.ch.SelChImpl;

/**
 * Defines the few classes that have to live in {@code sun.nio.ch}, because what they extend and
 * call is package-private there.
 */
final class Shim {
  private static final String[] CLASSES = {
    "SanAccess",
    "SanStream",
    "SanEventFd",
    "SanSelectorBase",
    "SanTcpChannel",
    "SanTcpSocket",
    "SanSocketImpl",
    "SanProxies",
    "AbstractNames",
    "SanEvents",
    "SanRecorder",
    "SanRecorder$Events",
    "SanPollable",
    "SanPort$Event",
    "SanPort",
    "SanCompletion",
    "SanAsynchronousSocket",
    "SanAsynchronousServerSocket",
    "SanModule"
  };

  /**
   * What connections use that nothing before them has loaded. A virtual thread that waits until
   * another one has loaded or initialized a class holds its carrier meanwhile, and the first
   * connections of many may come at once. Those of the JDK are loaded already, but each class
   * loader has to find that out. And a class whose initialization fails for want of memory can
   * never be used again, so none is left that is initialized only once there is a connection.
   */
  private static final String[] OF_CONNECTIONS = {
    "io.twinport.nio.TwinSelectorProvider$Channels",
    "io.twinport.nio.TwinSocketChannel",
    "io.twinport.nio.StoredOptions",
    "io.twinport.nio.StoredOptions$Probe",
    "io.twinport.nio.StoredOptions$Stored",
    "io.twinport.nio.StoredOptions$Target",
    "io.twinport.nio.StoredOptions$Connected",
    "io.twinport.nio.Half",
    "io.twinport.nio.Sleep",
    "io.twinport.nio.SocketAddresses",
    "io.twinport.nio.VirtualThreads",
    "io.twinport.nio.KernelTurn",
    "io.twinport.nio.Past",
    "io.twinport.nio.Past$Ringer",
    "io.twinport.nio.YieldAccount",
    "io.twinport.nio.WaitPolicy$Spun",
    "io.twinport.nio.WaitPolicy$1",
    "io.twinport.nio.ThreadSeat",
    "io.twinport.nio.GroupSeat",
    "io.twinport.nio.PostedKeys",
    "io.twinport.nio.AcceptWait",
    "io.twinport.nio.Bells",
    "io.twinport.nio.EpollBell",
    "io.twinport.nio.SanKeys",
    "io.twinport.nio.SanKeys$FanOut",
    "io.twinport.nio.TwinSocketImpl",
    "io.twinport.nio.TwinSocketImpl$SanInput",
    "io.twinport.nio.TwinSocketImpl$SanOutput",
    "io.twinport.nio.TwinSocketImpl$Closing",
    "java.lang.invoke.MethodHandle",
    "java.lang.invoke.VarHandle",
    "java.lang.ref.Cleaner$Cleanable",
    "java.net.StandardProtocolFamily",
    "java.net.SocketOption",
    "java.nio.ByteBuffer",
    "java.util.concurrent.locks.LockSupport",
    "sun.nio.ch.Net",
    "sun.nio.ch.SanEvents"
  };

  /** Not the class, whose monitor {@link Hooks} takes under its own, and this calls it. */
  private static final Object LINKING = new Object();

  private static volatile Boolean linked; // Null until it is known.
  private static boolean linking; // Under the monitor.

  private Shim() {}

  /** Has this class loaded and initialized. */
  static void isLoaded() {}

  /**
   * Whether the shim fits this JDK; if not, everything is left to the JDK's provider. The first
   * call defines its classes, for which a program that opens no socket need not wait.
   */
  static boolean isLinked() {
    Boolean known = linked;
    return known != null ? known : linkOnce();
  }

  /**
   * Those who come meanwhile wait for a monitor, which a virtual thread does without its carrier; a
   * static initializer would hold that.
   */
  private static boolean linkOnce() {
    synchronized (LINKING) {
      if (linked == null) {
        if (linking) {
          return false; // Asked by what it loads itself.
        }
        linking = true;
        linked = link();
      }
      return linked;
    }
  }

  /**
   * Defines what the JDK's classes ask. May be called while one of them is being loaded: it is a
   * class that loads no other.
   */
  static synchronized void defineHooks() throws IOException, IllegalAccessException {
    define(lookup(), "SanHooks");
  }

  private static MethodHandles.Lookup lookup() throws IllegalAccessException {
    return MethodHandles.privateLookupIn(SelChImpl.class, MethodHandles.lookup());
  }

  private static boolean link() {
    try {
      defineHooks();
      MethodHandles.Lookup lookup = lookup();
      for (String name : CLASSES) {
        define(lookup, name);
      }
      OwnClasses.load();
      // Superclasses of ours: a JDK whose internals have changed shows itself here.
      initialize("io.twinport.nio.TwinSelector");
      initialize("io.twinport.nio.TcpChannel");
      initialize("io.twinport.nio.TwinPort");
      for (String name : OF_CONNECTIONS) {
        initialize(name);
      }
      VirtualThreads.isCurrent(); // The first call generates code.
      Hooks.shimIsThere();
      return true;
    } catch (Throwable t) {
      // Whatever it is, also a stack of the application's that is full: this is its first channel,
      // and it can have the JDK's.
      if (!OwnClasses.areLost()) {
        Log.warn("can't work on this JDK (" + Log.cause(t) + "); TCP only");
      }
      return false;
    }
  }

  private static void initialize(String name) throws ClassNotFoundException {
    Class.forName(name, true, Shim.class.getClassLoader());
  }

  private static void define(MethodHandles.Lookup lookup, String name)
      throws IOException, IllegalAccessException {
    try {
      Class.forName("sun.nio.ch." + name, false, null);
      return; // Defined already, by another class loader's copy of the switch.
    } catch (ClassNotFoundException e) {
      lookup.defineClass(OwnClasses.read("META-INF/twinport/shim/sun/nio/ch/" + name + ".class"));
    }
  }
}
