package io.twinport.shm.memory;

import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import java.io.IOException;

/**
 * The container's memory limit: shared memory counts against it, so a tenth of it is the most that
 * is used.
 *
 * <p>The limit that holds is the smallest of those of this process's own control group and of all
 * groups around it, of version 1 and 2, wherever their trees are mounted. A group is looked for
 * under each mount of its tree, because a mount may show a part of it only.
 */
public final class MemoryLimit {
  private static final String[] FILES = {"memory.max", "memory.high", "memory.limit_in_bytes"};

  /** What version 1 says of the groups around, also of those that no mount shows. */
  private static final String AROUND = "hierarchical_memory_limit ";

  // of a line of mountinfo; the file system's type and options come behind a dash
  private static final int MOUNT_ROOT = 3;
  private static final int MOUNT_POINT = 4;

  /** Before every path that is read; empty but in tests. */
  private final String files;

  private long limit = Long.MAX_VALUE;

  private MemoryLimit(String files) {
    this.files = files;
  }

  /** The smaller of {@code maxBytes} and a tenth of the limit, if there is one. */
  public static long apply(long maxBytes) {
    return apply(maxBytes, "");
  }

  /**
   * As {@link #apply(long)}, in a tree of files of its own.
   *
   * @param files the directory that stands for the root
   */
  public static long apply(long maxBytes, String files) {
    return Math.min(maxBytes, new MemoryLimit(files).find() / 10);
  }

  private long find() {
    try {
      String groups = KernelFile.text(files + "/proc/self/cgroup");
      for (String mount : KernelFile.text(files + "/proc/self/mountinfo").split("\n")) {
        int dash = mount.indexOf(" - cgroup");
        if (dash >= 0) {
          String[] fields = mount.substring(0, dash).split(" ");
          String[] fileSystem = mount.substring(dash + 3).split(" ");
          if (fields.length > MOUNT_POINT && fileSystem.length > 2) {
            look(groups, unescape(fields[MOUNT_ROOT]), unescape(fields[MOUNT_POINT]), fileSystem);
          }
        }
      }
    } catch (IOException e) {
      Log.debug(() -> "shm: control groups can't be found: " + Log.cause(e));
    }
    return limit;
  }

  /** Looks at one mount, if it is of a tree in which memory is counted. */
  private void look(String groups, String root, String point, String[] fileSystem) {
    boolean unified = fileSystem[0].equals("cgroup2");
    if (unified || (fileSystem[0].equals("cgroup") && names(fileSystem[2], "memory"))) {
      String group = group(groups, unified);
      if (group != null) {
        take(point, below(root, group));
      }
    }
  }

  /** This process's group in the tree of version 2, or in the one that counts memory. */
  private static String group(String groups, boolean unified) {
    for (String line : groups.split("\n")) {
      int first = line.indexOf(':');
      int second = line.indexOf(':', first + 1);
      if (second >= 0) {
        String controllers = line.substring(first + 1, second);
        if (unified ? controllers.isEmpty() : names(controllers, "memory")) {
          return line.substring(second + 1);
        }
      }
    }
    return null;
  }

  private static boolean names(String list, String name) {
    return ("," + list + ",").contains("," + name + ",");
  }

  /** The group's path below what is mounted; nothing if that is another part of the tree. */
  private static String below(String root, String group) {
    String above = root.equals("/") ? "" : root;
    return group.equals(above) || !group.startsWith(above + "/")
        ? ""
        : group.substring(above.length());
  }

  /** Takes the limits of a group, and of those around it as far as the mount shows them. */
  private void take(String point, String group) {
    String path = group.equals("/") ? "" : group;
    takeAround(point + path);
    while (true) {
      for (String file : FILES) {
        takeFrom(point + path + "/" + file);
      }
      if (path.isEmpty()) {
        return;
      }
      path = path.substring(0, path.lastIndexOf('/'));
    }
  }

  private void takeAround(String group) {
    String text = read(group + "/memory.stat");
    int begin = text.indexOf(AROUND);
    if (begin >= 0 && (begin == 0 || text.charAt(begin - 1) == '\n')) {
      int end = text.indexOf('\n', begin);
      take(text.substring(begin + AROUND.length(), end < 0 ? text.length() : end));
    }
  }

  private void takeFrom(String file) {
    take(read(file));
  }

  private String read(String file) {
    try {
      return KernelFile.text(files + file);
    } catch (IOException e) {
      // no file of that version, no limits in a tree's root, or a group that no mount shows
      if (Log.isLogged(Log.Level.TRACE)) { // Else each cold process would link the lambda.
        Log.trace(() -> "shm: no memory limit in " + file + ": " + Log.cause(e));
      }
      return "";
    }
  }

  private void take(String number) {
    String text = number.trim();
    if (text.isEmpty() || text.equals("max")) {
      return;
    }
    try {
      limit = Math.min(limit, Long.parseLong(text));
    } catch (NumberFormatException e) {
      // an unsigned number beyond what is ever there
      Log.trace(() -> "shm: no memory limit: " + Log.cause(e));
    }
  }

  /** Spaces and the like stand in mountinfo as a backslash and three octal digits. */
  private static String unescape(String text) {
    int at = text.indexOf('\\');
    if (at < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder();
    int from = 0;
    for (; at >= 0 && at + 4 <= text.length(); at = text.indexOf('\\', from)) {
      plain.append(text, from, at).append((char) Integer.parseInt(text, at + 1, at + 4, 8));
      from = at + 4;
    }
    return plain.append(text, from, text.length()).toString();
  }
}
