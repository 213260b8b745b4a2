package io.twinport.registry;

import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import io.twinport.config.TextFile;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Where what is off is kept, so that a process that starts later with the same file begins so: a
 * line for each port, or {@code all}. The file belongs to whoever has named it; without it nothing
 * is off.
 */
public final class OffFile {
  private static final String ALL = "all";

  /** Whoever has the lock writes a few bytes; more than that is a process that is stopped. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private OffFile() {}

  /**
   * Has a registry begin with what is kept.
   *
   * @throws IOException saying in a few words what is wrong with the file; nothing is off then
   */
  public static void begin(String path, Registry registry) throws IOException {
    for (int port : read(path)) {
      registry.off(port);
    }
  }

  /**
   * Keeps a port off, or no longer; {@link Registry#ALL_PORTS} are all that are kept. Others that
   * do the same with that file, in this process or another, wait for each other.
   *
   * @throws IOException if the file can't be read or written; it is left as it was
   */
  public static synchronized void keep(String path, int port, boolean off) throws IOException {
    // Not the file itself, which is replaced; nor one that comes and goes, as whoever has opened
    // that before it went would have a lock on nothing.
    Path beside = Path.of(path + ".lock");
    try (FileChannel channel = open(beside)) {
      if (channel != null) {
        lock(channel, beside);
      }
      change(path, port, off);
    }
  }

  /**
   * Opens the file that is to be locked.
   *
   * @return null if this user may not write it, which is told
   */
  private static FileChannel open(Path file) throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(file + ", which is to be locked, is no ordinary file: remove it");
    }
    try {
      return FileChannel.open(
          file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (AccessDeniedException e) {
      warn(file, e);
      return null;
    }
  }

  /**
   * Waits for the lock of a file, which is given back as the channel is closed. Some file systems
   * have no locks; that is told.
   */
  private static void lock(FileChannel channel, Path file) throws IOException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try {
        if (channel.tryLock() != null) {
          return;
        }
      } catch (IOException e) {
        warn(file, e);
        return;
      }
      if (System.nanoTime() - end >= 0) {
        throw new IOException("another process has had " + file + " for too long");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static void warn(Path file, IOException e) {
    Log.warn(
        "can't lock "
            + file
            + ", so what another process keeps off at the same moment may be lost: "
            + Log.cause(e));
  }

  private static void change(String path, int port, boolean off) throws IOException {
    Set<Integer> ports = read(path);
    boolean changes;
    if (off) {
      changes = ports.add(port);
    } else if (port == Registry.ALL_PORTS) {
      changes = !ports.isEmpty();
      ports.clear();
    } else {
      changes = ports.remove(port);
    }
    if (changes) {
      write(path, ports);
    }
  }

  /**
   * The ports that are off.
   *
   * @return empty also if there is no such file
   * @throws IOException saying in a few words why it can't be read, or what is wrong in it
   */
  private static Set<Integer> read(String path) throws IOException {
    Set<Integer> ports = new TreeSet<>();
    if (!new File(path).exists()) {
      return ports;
    }
    for (String line : TextFile.read(path).split("\n", -1)) {
      String word = line.strip();
      if (word.equals(ALL)) {
        ports.add(Registry.ALL_PORTS);
      } else if (word.matches("\\d{1,5}")
          && Integer.parseInt(word) >= 1
          && Integer.parseInt(word) <= 65_535) {
        ports.add(Integer.valueOf(word));
      } else if (!word.isEmpty()) {
        throw new IOException("'" + word + "' is neither a port nor '" + ALL + "'");
      }
    }
    return ports;
  }

  /**
   * Writes the ports that are off. Whoever reads meanwhile sees what was there, or all of it.
   *
   * @throws IOException if it can't be written; what was there is left as it was
   */
  private static void write(String path, Set<Integer> ports) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int port : new TreeSet<>(ports)) {
      text.append(port == Registry.ALL_PORTS ? ALL : Integer.toString(port)).append('\n');
    }
    Path next = Path.of(path + "." + KernelFile.pid() + ".new");
    Files.deleteIfExists(next); // A process of the same number may have died as it wrote.
    try {
      try (OutputStream out =
          Files.newOutputStream(
              next,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS)) {
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      }
      Files.move(next, Path.of(path), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(next);
    }
  }
}
