package io.twinport.contract.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What the kernel knows of TCP connections, as {@code /proc/net/tcp} tells it. */
public final class KernelTcp {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
  private static final String ESTABLISHED = "01";

  private KernelTcp() {}

  /**
   * The number of established sockets with {@code port} at either end; a connection of this host
   * counts twice.
   */
  public static int established(int port) throws IOException {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    int count = 0;
    for (Path table : TABLES) {
      if (Files.exists(table)) {
        for (String line : Files.readAllLines(table)) {
          String[] columns = line.strip().split("\\s+", -1);
          if (columns.length > 3
              && columns[3].equals(ESTABLISHED)
              && (columns[1].endsWith(suffix) || columns[2].endsWith(suffix))) {
            count++;
          }
        }
      }
    }
    return count;
  }
}
