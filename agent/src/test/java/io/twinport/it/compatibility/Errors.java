package io.twinport.it.compatibility;

import io.twinport.it.support.Program;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;

/**
 * The lines that a program writes to standard error, without what differs from one run to the next:
 * numbers, and names that are made of them.
 */
final class Errors {
  private static final Pattern VARYING =
      Pattern.compile(
          "0x[0-9a-f]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|@[0-9a-f]{4,}\\b|\\b[0-9a-f]{6,}\\b|\\d+");

  private final Set<String> lines = new ConcurrentSkipListSet<>();

  /** Takes over what that program has written, and what it will. */
  void of(Program program) {
    program.ignoreErrors(
        line -> {
          lines.add(VARYING.matcher(line).replaceAll("#"));
          return true;
        });
  }

  /** What was written here and not there. */
  Set<String> notIn(Errors other) {
    Set<String> own = new TreeSet<>(lines);
    own.removeAll(other.lines);
    return own;
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}
