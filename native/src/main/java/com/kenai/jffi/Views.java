package com.kenai.jffi;

import java.nio.ByteBuffer;

/** What of jffi's {@code MemoryIO} is needed, without the eight classes that come with that. */
public final class Views {
  private Views() {}

  /** A direct buffer over memory that stays the caller's. */
  public static ByteBuffer of(long address, int length) {
    return Foreign.getInstance().newDirectByteBuffer(address, length);
  }
}
