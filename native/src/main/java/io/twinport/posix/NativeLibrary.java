package io.twinport.posix;

import io.twinport.config.Log;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * jffi's native library, which lies beside the classes and is nowhere a file that can be loaded.
 */
public final class NativeLibrary {
  private static boolean loaded;

  private NativeLibrary() {}

  /**
   * Unpacks the library and loads it, once.
   *
   * @throws UnsatisfiedLinkError if that can't be done
   */
  public static synchronized void load() {
    if (!loaded) {
      try {
        loadFrom(Path.of(Loading.directory()));
      } catch (IOException | RuntimeException e) {
        UnsatisfiedLinkError error = new UnsatisfiedLinkError(e.toString());
        error.initCause(e);
        throw error;
      }
      loaded = true;
    }
  }

  private static void loadFrom(Path directory) throws IOException {
    String name = "jni/" + machine() + "-Linux/libjffi-1.2.so";
    Path own = createDirectory(directory.toAbsolutePath());
    Path unpacked = own.resolve("libjffi.so");
    try {
      // From this class's own loader, and no other.
      try (InputStream packed = NativeLibrary.class.getClassLoader().getResourceAsStream(name)) {
        if (packed == null) {
          throw new IOException("no " + name);
        }
        // Not a channel, which would take as much direct memory as it writes, and whose class the
        // agent transforms.
        try (OutputStream out = new FileOutputStream(unpacked.toFile())) {
          packed.transferTo(out);
        }
      }
      System.load(unpacked.toString());
    } finally {
      // It is not needed once it is mapped.
      delete(unpacked);
      delete(own);
    }
  }

  /** What can't be deleted is left; a network file system keeps what is mapped by another name. */
  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      Log.debug(() -> "left behind: " + Log.cause(e));
    }
  }

  /**
   * Makes a directory in which nobody but this user can do anything. Whoever guesses its name can
   * only have another one tried; so the name need not be random, for which a cold process would
   * load all that the JDK has for security.
   */
  private static Path createDirectory(Path parent) throws IOException {
    FileAttribute<?> mode =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    while (true) {
      try {
        return Files.createDirectory(parent.resolve("jffi" + System.nanoTime()), mode);
      } catch (FileAlreadyExistsException e) {
        // another's, and by now it is later
      }
    }
  }

  private static String machine() {
    String machine = System.getProperty("os.arch");
    return machine.equals("amd64") ? "x86_64" : machine;
  }
}
