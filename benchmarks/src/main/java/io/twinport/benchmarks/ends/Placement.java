package io.twinport.benchmarks.ends;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which processors the two ends of a benchmark run on. */
public enum Placement {
  /** Wherever the kernel likes. */
  NONE,
  /** Both on one processor: TCP's fast mode, since nobody has to be woken on another one. */
  ONE,
  /** Each on a processor of its own. */
  TWO;

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";

  /** The words that, put before a command, place the client; none if it is free. */
  public List<String> clientPrefix() throws IOException {
    return this == NONE ? List.of() : taskset(processor(0));
  }

  /** The words that, put before a command, place the server; none if it is free. */
  public List<String> serverPrefix() throws IOException {
    return this == TWO ? taskset(processor(1)) : clientPrefix();
  }

  /**
   * Throws if this machine has too few processors, or no {@code taskset}.
   *
   * @throws IOException that says which
   */
  public void check() throws IOException {
    List<String> words = new ArrayList<>(clientPrefix());
    words.addAll(serverPrefix());
    if (!words.isEmpty() && !isOnPath(words.get(0))) {
      throw new IOException("pin=" + this + " needs " + words.get(0) + ", from util-linux");
    }
  }

  private static boolean isOnPath(String command) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(folder, command))) {
        return true;
      }
    }
    return false;
  }

  private static List<String> taskset(int processor) {
    return List.of("taskset", "-c", Integer.toString(processor));
  }

  private int processor(int index) throws IOException {
    List<Integer> processors = allowed();
    if (index >= processors.size()) {
      throw new IOException("pin=" + this + " needs two processors, there is only " + processors);
    }
    return processors.get(index);
  }

  private static List<Integer> allowed() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(ALLOWED)) {
        return parseList(line.substring(ALLOWED.length()).strip());
      }
    }
    throw new IOException(STATUS + " has no " + ALLOWED);
  }

  /** The numbers in a list as the kernel writes it: {@code 0-3,8}. */
  static List<Integer> parseList(String list) {
    List<Integer> processors = new ArrayList<>();
    for (String range : list.split(",")) {
      String[] ends = range.split("-");
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int processor = Integer.parseInt(ends[0]); processor <= last; processor++) {
        processors.add(processor);
      }
    }
    return processors;
  }
}
