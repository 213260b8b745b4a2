package io.twinport.jdk;

import io.twinport.config.Log;
import io.twinport.waiting.VirtualThreads;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import sun.nio.ch.SanEvents;
import sun.nio.ch.SanHooks;
import sun.nio.ch.SelChImpl;

/**
 * Defines the few classes that have to live in {@code sun.nio.ch}, because what they extend and
 * call is package-private there.
 */
public final class Shim {
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
    "io.twinport.core.StoredOptions",
    "io.twinport.core.StoredOptions$Probe",
    "io.twinport.core.StoredOptions$Stored",
    "io.twinport.core.StoredOptions$Target",
    "io.twinport.core.StoredOptions$Connected",
    "io.twinport.core.Half",
    "io.twinport.core.ReadHalf",
    "io.twinport.core.WriteHalf",
    "io.twinport.core.SwitchSocket",
    "io.twinport.core.ConnectAttempt",
    "io.twinport.core.PlainFace",
    "io.twinport.core.Readiness",
    "io.twinport.core.ClosedBefore",
    "io.twinport.waiting.Sleep",
    "io.twinport.core.SocketAddresses",
    "io.twinport.waiting.VirtualThreads",
    "io.twinport.waiting.KernelTurn",
    "io.twinport.waiting.Past",
    "io.twinport.waiting.Past$Ringer",
    "io.twinport.waiting.YieldAccount",
    "io.twinport.waiting.WaitPolicy$Spun",
    "io.twinport.waiting.WaitPolicy$1",
    "io.twinport.waiting.ThreadSeat",
    "io.twinport.aio.GroupSeat",
    "io.twinport.waiting.Post",
    "io.twinport.waiting.Posts",
    "io.twinport.core.AcceptWait",
    "io.twinport.waiting.Bells",
    "io.twinport.waiting.EpollBell",
    "io.twinport.nio.SanKeys",
    "io.twinport.nio.SanKeys$FanOut",
    "io.twinport.net.TwinSocketImpl",
    "io.twinport.net.TwinSocketImpl$SanInput",
    "io.twinport.net.TwinSocketImpl$SanOutput",
    "io.twinport.net.TwinSocketImpl$Closing",
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

  /** Not the class, whose monitor {@code Hooks} takes under its own, and this calls it. */
  private static final Object LINKING = new Object();

  private static volatile Boolean linked; // Null until it is known.
  private static boolean linking; // Under the monitor.
  private static volatile boolean recorderLoaded;
  private static volatile boolean isThere;

  private Shim() {}

  /** Has this class loaded and initialized. */
  public static void isLoaded() {}

  /**
   * Whether the shim fits this JDK; if not, everything is left to the JDK's provider. The first
   * call defines its classes, for which a program that opens no socket need not wait.
   */
  public static boolean isLinked() {
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
  public static synchronized void defineHooks() throws IOException, IllegalAccessException {
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
      initialize("io.twinport.core.TcpChannel");
      initialize("io.twinport.aio.TwinPort");
      for (String name : OF_CONNECTIONS) {
        initialize(name);
      }
      VirtualThreads.isCurrent(); // The first call generates code.
      isThere();
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

  /** All classes are defined, on which the answers of the hooks stand. */
  private static void isThere() {
    SanHooks.shimIsThere();
    isThere = true;
    if (recorderLoaded) {
      SanEvents.recorderLoaded();
    }
  }

  /**
   * Says that the flight recorder's classes are there; see {@link SanEvents#recorderLoaded}. It and
   * the shim come in either order, or both at once: whichever says so last sees the other.
   */
  public static void recorderLoaded() {
    recorderLoaded = true;
    if (isThere) {
      SanEvents.recorderLoaded();
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
