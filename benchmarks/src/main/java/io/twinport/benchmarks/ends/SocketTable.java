package io.twinport.benchmarks.ends;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The kernel's TCP sockets, {@code /proc/net/tcp} and {@code tcp6}: the witness from outside of
 * which path a connection took. After many connections there are very many lines, and the fork that
 * reads them may be counting its garbage: so none is made of them.
 */
final class SocketTable {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
  private static final int ESTABLISHED = 0x01;
  private static final int LISTEN = 0x0A;
  private static final int BUFFER_BYTES = 4096;

  private final int port;
  private int established;
  private int connections;

  // Where the line has got to. "  0: 0100007F:1F90 00000000:0000 0A ...": number, local, remote,
  // state. The value of a word's last part, after the colon, is all that matters.
  private int words;
  private int value;
  private boolean inWord;
  private boolean portSeen;

  private SocketTable(int port) {
    this.port = port;
  }

  /**
   * The sockets whose local port this is. The server's ends, that is, which tell as much as both
   * do: remote ports may be anybody's, and after many connections there is hardly one that is not
   * in the table somewhere.
   */
  static SocketTable read(int port) throws IOException {
    SocketTable table = new SocketTable(port);
    for (Path path : TABLES) {
      if (Files.exists(path)) {
        try (InputStream in = new FileInputStream(path.toFile())) {
          table.take(in);
        }
      }
    }
    return table;
  }

  static SocketTable parse(InputStream in, int port) throws IOException {
    SocketTable table = new SocketTable(port);
    table.take(in);
    return table;
  }

  private void take(InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    int n;
    while ((n = in.read(buffer)) > 0) {
      for (int i = 0; i < n; i++) {
        take(buffer[i]);
      }
    }
    take((byte) '\n');
  }

  private void take(byte c) {
    if (c == ' ' || c == '\n') {
      if (inWord) {
        endWord();
      }
      if (c == '\n') {
        words = 0;
        portSeen = false;
      }
    } else if (c == ':') {
      value = 0;
    } else {
      inWord = true;
      // A word that is no number, as in the heading, never equals a port and a state at once.
      value = (value << 4) | (Character.digit(c, 16) & 0xF);
    }
  }

  private void endWord() {
    words++;
    if (words == 2) {
      portSeen = value == port;
    } else if (words == 4 && portSeen) {
      established += value == ESTABLISHED ? 1 : 0;
      connections += value == LISTEN ? 0 : 1;
    }
    value = 0;
    inWord = false;
  }

  /** How many established connections there are. */
  int established() {
    return established;
  }

  /** How many connections there are, those included that were closed within the last minute. */
  int connections() {
    return connections;
  }
}
