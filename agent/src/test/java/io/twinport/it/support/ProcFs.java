package io.twinport.it.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What Linux says of a process, see {@code proc(5)}. */
public final class ProcFs {
  private static final String ESTABLISHED = "01";
  private static final long CLOSE_ON_EXEC = 02000000;

  /** What the names of the JVM's own threads begin with, cut off by Linux after 15 characters. */
  private static final List<String> JVM_THREADS =
      List.of("C1 Compiler", "C2 Compiler", "GC Thread", "G1 ", "VM Thread", "VM Periodic");

  private static final long NANOS_PER_TICK = 10_000_000;

  private ProcFs() {}

  /** The first process at or below that one that runs a JVM: {@code unshare} forks. */
  static long javaBelow(long pid) throws IOException {
    for (long at = pid; ; ) {
      if (read(at, "comm").equals("java")) {
        return at;
      }
      String children = read(at, "task/" + at + "/children");
      if (children.isEmpty()) {
        throw new IOException("there is no JVM below process " + pid);
      }
      at = Long.parseLong(children.split(" ", -1)[0]);
    }
  }

  /**
   * The established TCP connections at a port, in the network namespace of a process. Both ends
   * count, so a connection within the machine counts twice.
   */
  public static List<String> established(Program program, int port) throws IOException {
    String hexPort = String.format(":%04X", port);
    List<String> found = new ArrayList<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      for (String row :
          program.machine().read("/proc/" + program.pid() + "/" + table).lines().skip(1).toList()) {
        String[] columns = row.trim().split(" +", -1);
        boolean here = columns[1].endsWith(hexPort) || columns[2].endsWith(hexPort);
        if (here && columns[3].equals(ESTABLISHED)) {
          found.add(columns[1] + " " + columns[2]);
        }
      }
    }
    return found;
  }

  /** The names of the abstract UNIX-domain sockets in the network namespace of a process. */
  public static Set<String> abstractNames(long pid) throws IOException {
    Set<String> names = new TreeSet<>();
    for (String row : read(pid, "net/unix").lines().toList()) {
      int at = row.indexOf(" @");
      if (at >= 0) {
        names.add(row.substring(at + 1));
      }
    }
    return names;
  }

  /** Whether somebody listens on an abstract UNIX-domain name in the network of a process. */
  public static boolean isListening(long pid, String name) throws IOException {
    // Connections that were accepted there bear the name, too; the flag is of listeners only.
    return read(pid, "net/unix")
        .lines()
        .anyMatch(row -> row.contains(" 00010000 ") && row.endsWith(" @" + name));
  }

  /** How many descriptors a process has open. */
  public static int descriptors(long pid) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return (int) entries.count();
    }
  }

  /** How many threads a process has. */
  public static int threads(long pid) throws IOException {
    return (int) status(pid, "Threads:");
  }

  /** What the descriptors of a process stand for, sorted; for messages. */
  public static List<String> descriptorTargets(long pid) throws IOException {
    List<String> targets = new ArrayList<>();
    try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path entry : entries.toList()) {
        try {
          targets.add(Files.readSymbolicLink(entry).toString());
        } catch (NoSuchFileException e) {
          // Closed since the folder was listed.
          targets.add("gone");
        }
      }
    }
    return targets.stream().sorted().collect(Collectors.toList());
  }

  /** What the descriptors stand for that a process would leave to a program it becomes, sorted. */
  public static List<String> inheritableDescriptors(long pid) throws IOException {
    List<String> targets = new ArrayList<>();
    Path folder = Path.of("/proc", Long.toString(pid));
    try (Stream<Path> entries = Files.list(folder.resolve("fd"))) {
      for (Path entry : entries.toList()) {
        try {
          String info = Files.readString(folder.resolve("fdinfo").resolve(entry.getFileName()));
          String flags = info.replaceAll("(?s).*flags:\\s*([0-7]+).*", "$1");
          if ((Long.parseLong(flags, 8) & CLOSE_ON_EXEC) == 0) {
            targets.add(entry.getFileName() + " " + Files.readSymbolicLink(entry));
          }
        } catch (NoSuchFileException e) {
          // Closed since the folder was listed: not inherited either.
        }
      }
    }
    return targets.stream().sorted().collect(Collectors.toList());
  }

  /** The names of a process's threads but for those that the JVM has for itself. */
  public static List<String> ownThreads(long pid) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : entries.toList()) {
        try {
          String name = Files.readString(task.resolve("comm")).strip();
          if (JVM_THREADS.stream().noneMatch(name::startsWith)) {
            names.add(name);
          }
        } catch (NoSuchFileException e) {
          // One that has ended since the folder was listed.
        }
      }
    }
    return names;
  }

  /** The files that a process has mapped, with repetitions, whose names contain a text. */
  public static List<String> mappings(long pid, String part) throws IOException {
    return read(pid, "maps")
        .lines()
        .filter(line -> line.contains(part))
        .map(line -> line.substring(Math.max(0, line.indexOf('/'))))
        .toList();
  }

  /** Resident shared memory in KiB: what the process has touched of memfds and tmpfs files. */
  public static long residentShared(long pid) throws IOException {
    return status(pid, "RssShmem:");
  }

  /** Resident memory in KiB. */
  static long resident(long pid) throws IOException {
    return status(pid, "VmRSS:");
  }

  private static long status(long pid, String name) throws IOException {
    for (String line : read(pid, "status").lines().toList()) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no " + name + " for " + pid);
  }

  /**
   * Processor time that the process has used since it started, in nanoseconds; Linux counts in
   * ticks of 10 ms.
   */
  public static long cpuNanos(Program program) throws IOException {
    String stat = program.machine().read("/proc/" + program.pid() + "/stat");
    // The second field is a name in brackets that may hold anything; utime and stime are 14 and 15.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
  }

  /**
   * As {@link #cpuNanos}, of this machine, to the nanosecond, and without the threads that the JVM
   * has for itself. Those are left out by their names, so what has another name is counted.
   */
  public static long ownCpuNanos(Program program) throws IOException {
    long nanos = 0;
    int threads = 0;
    Path tasks = Path.of("/proc", Long.toString(program.pid()), "task");
    try (Stream<Path> entries = Files.list(tasks)) {
      for (Path task : entries.toList()) {
        try {
          String name = Files.readString(task.resolve("comm")).strip();
          if (JVM_THREADS.stream().noneMatch(name::startsWith)) {
            nanos += Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", -1)[0]);
            threads++;
          }
        } catch (NoSuchFileException e) {
          // A thread that has ended since the folder was listed.
        }
      }
    }
    if (threads == 0 || nanos == 0) {
      throw new IOException("no thread of process " + program.pid() + " can be measured");
    }
    return nanos;
  }

  private static String read(long pid, String file) throws IOException {
    return Files.readString(
            Path.of("/proc", Long.toString(pid)).resolve(file), StandardCharsets.UTF_8)
        .stripTrailing();
  }
}
