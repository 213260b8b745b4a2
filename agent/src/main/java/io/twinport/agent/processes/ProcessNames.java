package io.twinport.agent.processes;

import io.twinport.agent.control.ControlName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How users name processes: by the id that is seen here, by the one that the process itself sees,
 * which in a container is another one, or by the random one that {@code status} shows. What is seen
 * here comes first, because that is what {@code kill} and {@code ps} mean.
 */
final class ProcessNames {
  private static final Path PROC = Path.of("/proc");

  private ProcessNames() {}

  /** The processes with Twinport that {@code target} may mean. */
  static List<ControlName> withTwinport(String target) throws IOException {
    if (isNumber(target)) {
      Optional<ControlName> here = controlName(Long.parseLong(target));
      if (here.isPresent()) {
        return List.of(here.get());
      }
    }
    return ControlName.all().stream().filter(name -> name.isCalled(target)).toList();
  }

  /**
   * The one process that {@code target} means, by its id as seen here.
   *
   * @throws IOException if there is none, or more than one
   */
  static long pid(String target) throws IOException {
    if (isNumber(target) && Files.isDirectory(PROC.resolve(target))) {
      return Long.parseLong(target);
    }
    List<Long> found = new ArrayList<>();
    boolean isId = target.matches("[0-9a-f]{8}");
    if (isId || isNumber(target)) {
      for (long pid : all()) {
        boolean isCalled =
            isId && controlName(pid).filter(name -> name.isCalled(target)).isPresent();
        if (isCalled || target.equals(innermost(pid))) {
          found.add(pid);
        }
      }
    }
    if (found.size() > 1) {
      throw new IOException(
          found.size()
              + " processes have the id "
              + target
              + ", each where it runs; name one as it is seen here: "
              + String.join(", ", found.stream().map(String::valueOf).toList()));
    }
    if (found.isEmpty()) {
      throw new IOException("no process " + (target.length() <= 40 ? target : "of that name"));
    }
    return found.get(0);
  }

  private static boolean isNumber(String target) {
    return target.matches("[1-9]\\d{0,9}");
  }

  private static List<Long> all() throws IOException {
    List<Long> pids = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[1-9]*")) {
      for (Path folder : folders) {
        String name = folder.getFileName().toString();
        if (isNumber(name)) {
          pids.add(Long.valueOf(name));
        }
      }
    }
    return pids;
  }

  /** By what name a process can be asked; empty also where this user may not look into it. */
  private static Optional<ControlName> controlName(long pid) {
    try {
      return ControlName.of(PROC.resolve(Long.toString(pid)));
    } catch (IOException e) {
      return Optional.empty(); // Gone, or not for this user to look into.
    }
  }

  /** The id that a process in a container sees itself; null for others. */
  private static String innermost(long pid) {
    try {
      Path status = PROC.resolve(pid + "/status");
      for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("NSpid:")) {
          String[] ids = line.substring("NSpid:".length()).trim().split("\\s+");
          return ids.length > 1 ? ids[ids.length - 1] : null;
        }
      }
    } catch (IOException e) {
      return null; // Gone since the list was made.
    }
    return null; // Linux before 4.1 does not tell.
  }
}
