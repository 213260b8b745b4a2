package io.twinport.agent.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a process with Twinport can be asked: an abstract UNIX-domain name such as {@code
 * twinport/control/1/4711-0badcafe}. The number before the dash is the process id as that process
 * sees it, so processes in two containers may have the same; the id behind it is random.
 */
public record ControlName(long pid, String id) {
  private static final String PREFIX = "twinport/control/1/";

  /** The name without the leading NUL of abstract names. */
  public String name() {
    return PREFIX + pid + "-" + id;
  }

  /** How users name the process: by its id, or by its process id. */
  public boolean isCalled(String target) {
    return id.equals(target) || Long.toString(pid).equals(target);
  }

  /**
   * Every process of this network namespace that can be asked.
   *
   * @throws IOException if the kernel does not tell
   */
  public static List<ControlName> all() throws IOException {
    return all(table());
  }

  /**
   * That of one process, if it can be asked; by its open sockets, as others may have its number.
   *
   * @param process its folder in {@code /proc}
   * @throws IOException if the kernel does not tell, most likely because it is another user's
   */
  public static Optional<ControlName> of(Path process) throws IOException {
    Set<String> inodes = TcpTable.sockets(process.resolve("fd"));
    List<String> own = new ArrayList<>();
    for (String line : table()) {
      String[] columns = line.split(" +", 8);
      if (columns.length == 8 && inodes.contains(columns[6])) {
        own.add(line);
      }
    }
    return all(own).stream().findFirst();
  }

  private static List<String> table() throws IOException {
    // Other programs' names may hold any bytes.
    return Files.readAllLines(Path.of("/proc/net/unix"), StandardCharsets.ISO_8859_1);
  }

  static List<ControlName> all(List<String> lines) {
    // "0000000000000000: 00000002 00000000 00010000 0001 01 12345 @name": the flag says it listens;
    // connections it has accepted bear its name too. The JDK binds one more NUL, shown as "@".
    Pattern name =
        Pattern.compile(
            "\\S+ \\S+ \\S+ 00010000 \\S+ \\S+ +\\d+ @" + PREFIX + "(\\d{1,10})-([0-9a-f]{8})@?");
    List<ControlName> names = new ArrayList<>();
    for (String line : lines) {
      Matcher listening = name.matcher(line);
      if (listening.matches()) {
        names.add(new ControlName(Long.parseLong(listening.group(1)), listening.group(2)));
      }
    }
    return names;
  }
}
