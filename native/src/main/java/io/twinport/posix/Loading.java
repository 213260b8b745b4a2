package io.twinport.posix;

import java.io.IOException;

/** Loads the native library once, with the system properties JNR reads set for just as long. */
final class Loading {
  private Loading() {}

  static synchronized void load(String directory) throws IOException {
    throw new IOException("not yet");
  }
}
