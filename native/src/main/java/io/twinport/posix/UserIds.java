package io.twinport.posix;

import java.io.IOException;

/**
 * What a user id in {@link Credentials} is worth. A user who is not mapped into this process's user namespace appears as
 * the overflow id (65534), so that id is nobody in particular unless every id is mapped. Pure Java.
 */
public final class UserIds {
  private UserIds() {}

  /** Whether every id of the host is visible here: {@code /proc/self/uid_map} maps all of them. */
  public static boolean allMapped() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The id that stands for all that are not mapped ({@code /proc/sys/kernel/overflowuid}). */
  public static long overflow() {
    throw new UnsupportedOperationException();
  }

  /** Whether {@code uid} may stand for anybody, and must not be trusted. */
  public static boolean isNobody(long uid) {
    throw new UnsupportedOperationException();
  }
}
