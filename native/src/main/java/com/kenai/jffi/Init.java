package com.kenai.jffi;

import io.twinport.posix.NativeLibrary;

/**
 * Stands in the place of jffi's class of this name, which jffi asks for its native library before
 * anything else. That one looks for the library through the application's class loaders: they may
 * hold another jffi, and may wait for the connection that this start is for.
 */
final class Init {
  private Init() {}

  static void load() {
    NativeLibrary.load();
  }
}
