package io.twinport.nio;

import io.twinport.config.Log;
import java.io.IOException;
import java.io.InputStream;
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

  private Shim() {}

  /**
   * Whether the shim fits this JDK; if not, everything is left to the JDK's provider. The first
   * call defines its classes, for which a program that opens no socket need not wait.
   */
  static boolean isLinked() {
    return Linked.YES;
  }

  private static final class Linked {
    static final boolean YES = link();
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
      // Superclasses of ours: a JDK whose internals have changed shows itself here.
      Class.forName("io.twinport.nio.TwinSelector", true, Shim.class.getClassLoader());
      Class.forName("io.twinport.nio.TcpChannel", true, Shim.class.getClassLoader());
      Class.forName("io.twinport.nio.TwinPort", true, Shim.class.getClassLoader());
      Hooks.shimIsThere();
      return true;
    } catch (Throwable t) {
      // Whatever it is, also a stack of the application's that is full: this is its first channel,
      // and it can have the JDK's.
      Log.warn("can't work on this JDK (" + Log.cause(t) + "); TCP only");
      return false;
    }
  }

  private static void define(MethodHandles.Lookup lookup, String name)
      throws IOException, IllegalAccessException {
    try {
      Class.forName("sun.nio.ch." + name, false, null);
      return; // Defined already, by another class loader's copy of the switch.
    } catch (ClassNotFoundException e) {
      lookup.defineClass(bytes(name));
    }
  }

  private static byte[] bytes(String name) throws IOException {
    String resource = "/META-INF/twinport/shim/sun/nio/ch/" + name + ".class";
    try (InputStream in = Shim.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no " + resource);
      }
      return in.readAllBytes();
    }
  }
}
