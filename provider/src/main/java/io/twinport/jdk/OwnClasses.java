package io.twinport.jdk;

import io.twinport.config.Log;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.nio.ch.SanModule;

/**
 * Our classes. Whoever overwrites the agent's jar does so while processes run from it, and what is
 * first looked for then is lost. So all that a process with a channel may need is loaded before it
 * has its first, or that is the JDK's.
 */
public final class OwnClasses {
  private static final String CLASS = ".class";

  /**
   * What few processes use, and then while they start or when somebody asks; without it they go on.
   */
  private static final Set<String> RARE =
      Set.of(
          "io/twinport/agent/control/Control$Exporting.class",
          "io/twinport/agent/control/ControlSettings.class",
          "io/twinport/agent/control/RefusedClients.class",
          "io/twinport/config/ApplicationLog.class",
          "io/twinport/config/ApplicationLogger.class",
          "io/twinport/config/ApplicationLogger$1.class",
          "io/twinport/config/ApplicationLogger$Library.class",
          "io/twinport/config/ApplicationLogger$OfLibrary.class",
          "io/twinport/config/TextFile.class",
          "io/twinport/core/ConnectionReport.class",
          "io/twinport/registry/ConnectionState.class",
          "io/twinport/registry/Flow.class",
          "io/twinport/registry/Waiter.class",
          "io/twinport/registry/Waiter$Kind.class",
          "io/twinport/spi/ConnectionNumbers$Peer.class",
          "io/twinport/spi/ConnectionNumbers$Stream.class",
          "io/twinport/registry/OffFile.class",
          "io/twinport/registry/PathObserver.class",
          "io/twinport/settings/UnknownSettings.class");

  private static final AtomicBoolean TOLD = new AtomicBoolean();

  private static volatile Jar jar; // Null: what is read is where this class was found.
  private static volatile String agents;

  private OwnClasses() {}

  /** The jar that they are in, read as a whole when it is first asked, and kept. */
  public interface Jar {
    /** The names of all entries. */
    Collection<String> names() throws IOException;

    /** What is in an entry, or null if there is none of that name. */
    byte[] read(String name) throws IOException;

    /** Whether the file is no more what it was when the process started. */
    boolean isChanged();
  }

  /**
   * Says what our classes come from.
   *
   * @param agentsFolder the folder of what the switch calls of the agent's
   */
  public static void comeFrom(Jar file, String agentsFolder) {
    agents = agentsFolder;
    jar = file;
  }

  /** Loads what the switch calls of the agent's; as {@link #load}. */
  static void loadAgents() throws IOException {
    String folder = agents;
    if (folder != null) {
      load(folder);
    }
  }

  /**
   * Loads all classes of the folders. {@link Shim#CORE}'s classes in the JDK are there.
   *
   * @throws IOException if the jar can't be read, or a class can't be had
   */
  public static void load(String... folders) throws IOException {
    Jar from = jar;
    if (from == null) {
      return;
    }
    List<String> wanted = new ArrayList<>();
    for (String name : from.names()) {
      if (isIn(folders, name)) {
        wanted.add(name);
      }
    }
    load(from, wanted);
  }

  /**
   * Loads what {@link #load} has left out, and initialises it: before somebody asks, and before
   * virtual threads need it, which would be pinned by that.
   */
  public static void loadRare() throws IOException {
    Jar from = jar;
    if (from != null) {
      load(from, RARE);
      for (String name : RARE) {
        isFound(name, true);
      }
    }
  }

  private static void load(Jar from, Collection<String> wanted) throws IOException {
    List<String> lost = new ArrayList<>();
    for (String name : wanted) {
      if (!isFound(name)) {
        lost.add(name); // The jar was overwritten right now, but what it was is read.
      }
    }
    while (!lost.isEmpty()) { // A class can be defined behind those that it extends.
      List<String> left = new ArrayList<>();
      for (String name : lost) {
        if (!isDefined(name, from.read(name)) && !isFound(name)) {
          left.add(name);
        }
      }
      if (left.size() == lost.size()) {
        throw new IOException("no " + left);
      }
      lost = left;
    }
  }

  private static boolean isIn(String[] folders, String name) {
    if (name.endsWith(CLASS) && !RARE.contains(name)) {
      for (String folder : folders) {
        if (name.startsWith(folder)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isFound(String name) {
    return isFound(name, false);
  }

  private static boolean isFound(String name, boolean initialised) {
    try {
      Class.forName(type(name), initialised, OwnClasses.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  private static boolean isDefined(String name, byte[] classFile) {
    try {
      SanModule.defineClass(OwnClasses.class, type(name), classFile);
      return true;
    } catch (LinkageError e) {
      Log.debug(() -> "not defined: " + Log.cause(e));
      return false;
    }
  }

  private static String type(String name) {
    return name.substring(0, name.length() - CLASS.length()).replace('/', '.');
  }

  /**
   * What is in a file of the jar.
   *
   * @throws IOException if there is no such file
   */
  public static byte[] read(String name) throws IOException {
    Jar from = jar;
    byte[] bytes = from != null ? from.read(name) : resource(name);
    if (bytes == null) {
      throw new IOException("no " + name);
    }
    return bytes;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = OwnClasses.class.getResourceAsStream("/" + name)) {
      return in == null ? null : in.readAllBytes();
    }
  }

  /**
   * Whether something may have failed because the jar was overwritten too early. That is told once,
   * whatever fails.
   */
  public static boolean areLost() {
    Jar from = jar;
    if (from == null || !from.isChanged()) {
      return false;
    }
    if (TOLD.compareAndSet(false, true)) {
      Log.warn("the agent's jar was changed before it was used, TCP only");
    }
    return true;
  }
}
