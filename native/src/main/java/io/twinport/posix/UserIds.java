package io.twinport.posix;

import io.twinport.config.KernelFile;
import java.io.IOException;
import java.util.List;
import java.util.StringTokenizer;

/**
 * What a user id in {@link Credentials} is worth. A user who is not mapped into this process's user
 * namespace appears as the overflow id (65534), so that id is nobody in particular unless every id
 * is mapped. Pure Java.
 */
public final class UserIds {
  /** {@code (uid_t) -1}, which is no user; all the ids below it are. */
  private static final long INVALID = 0xffff_ffffL;

  /** The kernel's default, for where {@code /proc/sys} can't be read. */
  private static final long DEFAULT_OVERFLOW = 65_534;

  private static final String OVERFLOW_UID = "/proc/sys/kernel/overflowuid";
  private static final int NUMBERS_OF_A_RANGE = 3;

  /** Null until it is known. It stays so: a map is written once, and no JVM can leave it. */
  private static volatile Boolean allMapped;

  /** -1 until it is asked for. */
  private static volatile long overflow = -1;

  private UserIds() {}

  /** Whether every id of the host is visible here: {@code /proc/self/uid_map} maps all of them. */
  public static boolean allMapped() throws IOException {
    Boolean known = allMapped;
    if (known == null) {
      String map = KernelFile.text("/proc/self/uid_map");
      known = allMapped(List.of(map.split("\n", -1)));
      if (!map.isBlank()) {
        allMapped = known;
      }
    }
    return known;
  }

  /**
   * The id that stands for all that are not mapped ({@code /proc/sys/kernel/overflowuid}), as of
   * the first call: {@link #load}'s, since later ones are of threads that must not read files.
   */
  public static long overflow() {
    long known = overflow;
    if (known < 0) {
      try {
        known = Long.parseLong(KernelFile.text(OVERFLOW_UID).strip());
      } catch (IOException | NumberFormatException notReadable) {
        known = DEFAULT_OVERFLOW;
      }
      overflow = known;
    }
    return known;
  }

  /** Reads what this class needs to know, so that nobody reads files for it later. */
  public static void load() {
    overflow();
    try {
      allMapped();
    } catch (IOException notReadable) {
      // each look finds that for itself, and trusts less
      return;
    }
  }

  /** Whether {@code uid} may stand for anybody, and must not be trusted. */
  public static boolean isNobody(long uid) {
    if (uid == INVALID) {
      return true;
    }
    try {
      return !allMapped() && uid == overflow();
    } catch (IOException notReadable) {
      // Without the map there is no telling, so the overflow id is not trusted.
      return uid == overflow();
    }
  }

  /** Each line is "first id inside, first id outside, how many"; ranges never overlap. */
  static boolean allMapped(List<String> uidMap) {
    long mapped = 0;
    for (String line : uidMap) {
      mapped += count(line);
    }
    return mapped >= INVALID;
  }

  /** How many ids a line maps; 0 if it is not what the kernel writes. */
  private static long count(String line) {
    StringTokenizer range = new StringTokenizer(line);
    if (range.countTokens() != NUMBERS_OF_A_RANGE) {
      return 0;
    }
    range.nextToken();
    range.nextToken();
    try {
      return Long.parseLong(range.nextToken());
    } catch (NumberFormatException notOfTheKernel) {
      return 0;
    }
  }
}
