package io.twinport.jdk;

import io.twinport.config.Log;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Our classes. Whoever overwrites the agent's jar does so while processes run from it, and what is
 * first looked for then is lost. So all that a process with a channel may need is loaded before it
 * has its first, or that is the JDK's.
 */
public final class OwnClasses {
  private static final String CLASS = ".class";
  private static final AtomicBoolean TOLD = new AtomicBoolean();

  private static volatile Jar jar; // Null: what is read is where this class was found.
  private static volatile Class<?>[] neighbours;
  private static volatile String[] needed;

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
   * Says what our classes come from, and loads what loads the others.
   *
   * @param of a class of each package
   * @param prefixes of the names of what a process with a channel may need
   */
  public static void comeFrom(Jar file, Class<?>[] of, String... prefixes) {
    neighbours = of;
    needed = prefixes;
    jar = file;
    Shim.isLoaded();
  }

  /**
   * Loads all that is needed.
   *
   * @throws IOException if the jar can't be read, or a class can't be had
   */
  static void load() throws IOException {
    Jar from = jar;
    if (from == null) {
      return;
    }
    List<String> lost = new ArrayList<>();
    for (String name : from.names()) {
      if (isNeeded(name) && !isFound(name)) {
        lost.add(name); // The jar was overwritten right now, but what it was is read.
      }
    }
    while (!lost.isEmpty()) { // A class can be defined behind those that it extends.
      List<String> left = new ArrayList<>();
      for (String name : lost) {
        if (!isDefined(name, from.read(name))) {
          left.add(name);
        }
      }
      if (left.size() == lost.size()) {
        throw new IOException("no " + left);
      }
      lost = left;
    }
  }

  private static boolean isNeeded(String name) {
    if (name.endsWith(CLASS)) {
      for (String prefix : needed) {
        if (name.startsWith(prefix)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isFound(String name) {
    try {
      String type = name.substring(0, name.length() - CLASS.length()).replace('/', '.');
      Class.forName(type, false, OwnClasses.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  private static boolean isDefined(String name, byte[] classFile) {
    String folder = name.substring(0, name.lastIndexOf('/')).replace('/', '.');
    for (Class<?> neighbour : neighbours) {
      if (neighbour.getPackageName().equals(folder)) {
        try {
          MethodHandles.privateLookupIn(neighbour, MethodHandles.lookup()).defineClass(classFile);
          return true;
        } catch (IllegalAccessException | LinkageError e) {
          Log.debug(() -> "not defined: " + Log.cause(e));
        }
      }
    }
    return false;
  }

  /**
   * What is in a file of the jar.
   *
   * @throws IOException if there is no such file
   */
  static byte[] read(String name) throws IOException {
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
