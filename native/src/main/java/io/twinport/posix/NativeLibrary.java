package io.twinport.posix;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

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
    // Nobody but this user can write to it. It is not needed once it is mapped.
    Path unpacked = Files.createTempFile(directory, "jffi", ".so").toAbsolutePath();
    try {
      // From this class's own loader, and no other.
      try (InputStream packed = NativeLibrary.class.getClassLoader().getResourceAsStream(name)) {
        if (packed == null) {
          throw new IOException("no " + name);
        }
        // Not a channel, which would take as much direct memory as it writes.
        try (OutputStream out = new FileOutputStream(unpacked.toFile())) {
          packed.transferTo(out);
        }
      }
      System.load(unpacked.toString());
    } finally {
      Files.delete(unpacked);
    }
  }

  private static String machine() {
    String machine = System.getProperty("os.arch");
    return machine.equals("amd64") ? "x86_64" : machine;
  }
}
