package io.twinport.posix;

import java.io.IOException;

/** Loads the native library once, and says in one line why it can't be. */
final class Loading {
  private static volatile String directory;

  private Loading() {}

  /** Where {@link NativeLibrary} unpacks the library. */
  static String directory() {
    String named = directory;
    return named != null
        ? named
        : System.getProperty("jffi.extract.dir", System.getProperty("java.io.tmpdir"));
  }

  static synchronized void load(String unpackInto) throws IOException {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!system.equals("Linux amd64") && !system.equals("Linux aarch64")) {
      throw new IOException("not on " + system);
    }
    directory = unpackInto;
    try {
      LibC.getpid();
      // Tried now as well: where classes lie in files of their own, those that tell of a failure
      // can't be loaded any more once the failure is that no descriptor is left.
      if (new ErrnoException(Errno.EMFILE, "load").getMessage().isEmpty()) {
        throw new IllegalStateException("failures have no text");
      }
    } catch (LinkageError | RuntimeException failure) {
      throw new IOException(
          "the native library can't be loaded: "
              + firstLine(failure)
              + "; it is unpacked in "
              + directory()
              + ", twinport.native-dir names another folder",
          failure);
    }
  }

  private static String firstLine(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null || message.isBlank()
        ? root.getClass().getName()
        : message.strip().lines().findFirst().orElseThrow();
  }
}
