package io.twinport.jdk;

import io.twinport.config.Log;
import io.twinport.waiting.VirtualThreads;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.channels.spi.SelectorProvider;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanEvents;
import sun.nio.ch.SanHooks;
import sun.nio.ch.SelChImpl;

/**
 * A part of what is put into the JDK: the few classes that have to live in {@code sun.nio.ch},
 * because what they extend and call is package-private there, and those of ours that stand on them.
 * A program waits only for the parts that it uses.
 *
 * <p>With a part, what its connections use is loaded and initialized. A virtual thread that waits
 * until another one has loaded or initialized a class holds its carrier meanwhile, and the first
 * connections of many may come at once. Those of the JDK are loaded already, but each class loader
 * has to find that out. And a class whose initialization fails for want of memory can never be used
 * again, so none is left that is initialized only once there is a connection.
 */
public final class Shim {
  /** What all the others stand on. */
  public static final Shim CORE =
      new Shim(
          0,
          new String[] {
            "SanModule", // First: it defines ours.
            "SanAccess",
            "SanEventFd",
            "SanTcpChannel",
            "SanEvents",
            "SanRecorder",
            "SanRecorder$Events",
            "AbstractNames"
          },
          new String[] {"config", "settings", "spi", "waiting", "registry", "core", "jdk", "hooks"},
          new String[] {
            "io.twinport.core.TcpChannel", // A JDK whose internals have changed shows itself here.
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
            "io.twinport.core.SocketAddresses",
            "io.twinport.core.AcceptWait",
            "io.twinport.registry.EventRing$Place",
            "io.twinport.registry.PathEvent",
            "io.twinport.registry.PathEvent$Kind",
            "io.twinport.waiting.Sleep",
            "io.twinport.waiting.VirtualThreads",
            "io.twinport.waiting.KernelTurn",
            "io.twinport.waiting.Past",
            "io.twinport.waiting.Past$Ringer",
            "io.twinport.waiting.YieldAccount",
            "io.twinport.waiting.Turns",
            "io.twinport.waiting.WaitPolicy$Spun",
            "io.twinport.waiting.WaitPolicy$1",
            "io.twinport.waiting.ThreadSeat",
            "io.twinport.waiting.Post",
            "io.twinport.waiting.Posts",
            "io.twinport.waiting.Bells",
            "io.twinport.waiting.EpollBell",
            "java.lang.invoke.MethodHandle",
            "java.lang.invoke.VarHandle",
            "java.lang.ref.Cleaner$Cleanable",
            "java.net.StandardProtocolFamily",
            "java.net.SocketOption",
            "java.nio.ByteBuffer",
            "java.util.concurrent.locks.LockSupport",
            "sun.nio.ch.Net",
            "sun.nio.ch.SanEvents"
          });

  /** Selectors and their channels. */
  public static final Shim CHANNELS =
      new Shim(
          SanHooks.CHANNELS,
          new String[] {"SanStream", "SanSelectorBase"},
          new String[] {"nio"},
          new String[] {
            "io.twinport.nio.TwinSelector",
            "io.twinport.nio.TwinSelectorProvider$Channels",
            "io.twinport.nio.TwinSocketChannel",
            "io.twinport.nio.SanKeys",
            "io.twinport.nio.SanKeys$FanOut"
          });

  /** What is behind {@link java.net.Socket} and {@link java.net.ServerSocket}. */
  public static final Shim SOCKETS =
      new Shim(
          SanHooks.SOCKETS,
          new String[] {"SanTcpSocket", "SanSocketImpl", "SanProxies"},
          new String[] {"net"},
          new String[] {
            "io.twinport.net.TwinSocketImpl",
            "io.twinport.net.TwinSocketImpl$SanInput",
            "io.twinport.net.TwinSocketImpl$SanOutput",
            "io.twinport.net.TwinSocketImpl$Closing"
          });

  /** Asynchronous channels and their groups. */
  public static final Shim ASYNCHRONOUS =
      new Shim(
          SanHooks.ASYNCHRONOUS,
          new String[] {
            "SanPollable",
            "SanPort$Event",
            "SanPort",
            "SanCompletion",
            "SanAsynchronousSocket",
            "SanAsynchronousServerSocket"
          },
          new String[] {"aio"},
          new String[] {"io.twinport.aio.TwinPort", "io.twinport.aio.GroupSeat"});

  /** Not a class, whose monitor {@code Hooks} takes under its own, and this calls it. */
  private static final Object LINKING = new Object();

  private static boolean linking; // Under the monitor.
  private static Runnable onFirstUse; // Under the monitor.
  private static volatile boolean recorderLoaded;
  private static volatile boolean recorderCanAsk;

  /** How {@link SanHooks} knows that it is there; 0 for what it does not name. */
  private final int part;

  private final String[] shim;
  private final String[] folders;
  private final String[] initialized;
  private volatile Boolean linked; // Null until it is known.

  private Shim(int part, String[] shim, String[] packages, String[] initialized) {
    this.part = part;
    this.shim = shim;
    this.initialized = initialized;
    folders = new String[packages.length];
    for (int i = 0; i < packages.length; i++) {
      folders[i] = "io/twinport/" + packages[i] + "/";
    }
  }

  /**
   * Says what to do once, on the thread that first uses a socket, a channel or a selector, as soon
   * as {@link #CORE} is linked; must be quick and never throw.
   */
  public static void onFirstUse(Runnable action) {
    synchronized (LINKING) {
      onFirstUse = action;
    }
  }

  /** The folders of our classes that come with it. */
  public String[] folders() {
    return folders.clone();
  }

  /**
   * Whether it fits this JDK; if not, everything that stands on it is left to the JDK. The first
   * call defines its classes.
   */
  public boolean isLinked() {
    Boolean known = linked;
    return known != null ? known : linkOnce();
  }

  /**
   * Those who come meanwhile wait for a monitor, which a virtual thread does without its carrier; a
   * static initializer would hold that.
   */
  private boolean linkOnce() {
    synchronized (LINKING) {
      if (linked == null) {
        if (linking) {
          return false; // Asked by what it loads itself.
        }
        if (this != CORE && !CORE.isLinked()) {
          linked = false; // Told already.
          return false;
        }
        linking = true;
        try {
          linked = link();
        } catch (VirtualMachineError e) {
          // This channel can be the JDK's; the next one may find more stack, or memory.
          Log.debug(() -> "not linked now: " + Log.cause(e));
          return false;
        } finally {
          linking = false;
        }
        if (this == CORE && linked && onFirstUse != null) {
          Runnable action = onFirstUse;
          onFirstUse = null;
          action.run();
        }
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

  /** The JDK's own provider of channels, for what is to be TCP whatever is installed. */
  public static SelectorProvider jdksProvider() {
    return SanAccess.jdksProvider();
  }

  private static MethodHandles.Lookup lookup() throws IllegalAccessException {
    return MethodHandles.privateLookupIn(SelChImpl.class, MethodHandles.lookup());
  }

  private boolean link() {
    try {
      defineHooks();
      MethodHandles.Lookup lookup = lookup();
      for (String name : shim) {
        define(lookup, name);
      }
      OwnClasses.load(folders);
      for (String name : initialized) {
        Class.forName(name, true, Shim.class.getClassLoader());
      }
      if (this == CORE) {
        OwnClasses.loadAgents();
        VirtualThreads.isCurrent(); // The first call generates code.
        recorderCanAsk();
      } else {
        SanHooks.isThere(part);
      }
      return true;
    } catch (VirtualMachineError e) {
      throw e;
    } catch (Throwable t) {
      // Whatever it is: this is the application's first channel, and it can have the JDK's.
      if (!OwnClasses.areLost()) {
        Log.warn("can't work on this JDK (" + Log.cause(t) + "); TCP only");
      }
      return false;
    }
  }

  private static void recorderCanAsk() {
    recorderCanAsk = true;
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
    if (recorderCanAsk) {
      SanEvents.recorderLoaded();
    }
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
