package io.twinport.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's TCP sockets, {@code /proc/net/tcp} and {@code tcp6}: the witness from outside of
 * which path a connection took.
 */
final class SocketTable {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
  private static final String ESTABLISHED = "01";
  private static final String LISTEN = "0A";

  private final List<String> states;

  private SocketTable(List<String> states) {
    this.states = states;
  }

  /** The sockets that have this port at either end. */
  static SocketTable read(int port) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path table : TABLES) {
      if (Files.exists(table)) {
        lines.addAll(Files.readAllLines(table));
      }
    }
    return parse(lines, port);
  }

  static SocketTable parse(List<String> lines, int port) {
    String suffix = String.format(":%04X", port);
    List<String> states = new ArrayList<>();
    for (String line : lines) {
      // "  0: 0100007F:1F90 00000000:0000 0A ...": number, local, remote, state.
      String[] words = line.strip().split("\\s+");
      if (words.length > 3 && (words[1].endsWith(suffix) || words[2].endsWith(suffix))) {
        states.add(words[3]);
      }
    }
    return new SocketTable(states);
  }

  /** How many ends of established connections there are. */
  long established() {
    return states.stream().filter(ESTABLISHED::equals).count();
  }

  /**
   * How many sockets of connections there are, those included that were closed within the last
   * minute.
   */
  long connections() {
    return states.stream().filter(state -> !state.equals(LISTEN)).count();
  }
}
