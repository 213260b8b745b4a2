package io.twinport.agent.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The TCP listeners of a process as the kernel knows them, see {@code proc(5)}. */
public final class TcpTable {
  private static final String LISTEN = "0A";
  private static final String ESTABLISHED = "01";

  private TcpTable() {}

  /**
   * Every address that a process listens on over TCP, whoever opened it.
   *
   * @param process its folder in {@code /proc}
   * @throws IOException if the kernel does not tell, most likely because it is another user's
   */
  public static List<InetSocketAddress> listeners(Path process) throws IOException {
    return addresses(process, LISTEN);
  }

  /**
   * The local addresses of all TCP connections of a process that are up.
   *
   * @throws IOException as above
   */
  static List<InetSocketAddress> connections(Path process) throws IOException {
    return addresses(process, ESTABLISHED);
  }

  private static List<InetSocketAddress> addresses(Path process, String state) throws IOException {
    Map<String, InetSocketAddress> byInode = new LinkedHashMap<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      Path file = process.resolve(table);
      if (Files.exists(file)) { // There is no second one where IPv6 is off.
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
          add(state, lines, byInode);
        }
      }
    }
    if (byInode.isEmpty()) {
      return List.of();
    }
    byInode.keySet().retainAll(sockets(process.resolve("fd")));
    return List.copyOf(byInode.values());
  }

  /** Adds the listening sockets of a table, by their inodes. */
  static void addListeners(BufferedReader table, Map<String, InetSocketAddress> byInode)
      throws IOException {
    add(LISTEN, table, byInode);
  }

  /**
   * The kernel lists those that listen first. Behind them stand all connections of the machine, the
   * closed ones of the last minute, too: there may be tens of thousands.
   */
  private static void add(
      String state, BufferedReader table, Map<String, InetSocketAddress> byInode)
      throws IOException {
    table.readLine(); // The columns' names.
    for (String line = table.readLine(); line != null; line = table.readLine()) {
      // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
      String found = column(3, line);
      if (found.equals(state)) {
        byInode.put(column(9, line), address(column(1, line)));
      } else if (state.equals(LISTEN)) {
        return;
      }
    }
  }

  /** The column with that index of a line of {@code /proc}, or "" if there is none. */
  private static String column(int index, String line) {
    int end = 0;
    int begin = 0;
    for (int i = 0; i <= index; i++) {
      begin = end;
      while (begin < line.length() && line.charAt(begin) == ' ') {
        begin++;
      }
      end = line.indexOf(' ', begin);
      if (end < 0) {
        end = line.length();
      }
    }
    return line.substring(begin, end);
  }

  /** {@code 0100007F:1F90}: words of 32 bits in the machine's order, then the port. */
  private static InetSocketAddress address(String text) throws IOException {
    int colon = text.indexOf(':');
    ByteBuffer address = ByteBuffer.allocate(colon / 2).order(ByteOrder.nativeOrder());
    for (int i = 0; i < colon; i += 8) {
      address.putInt(Integer.parseUnsignedInt(text.substring(i, i + 8), 16));
    }
    int port = Integer.parseInt(text.substring(colon + 1), 16);
    return new InetSocketAddress(InetAddress.getByAddress(address.array()), port);
  }

  /** The inodes of the sockets, of any kind, among the descriptors in a folder of {@code /proc}. */
  static Set<String> sockets(Path descriptors) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(descriptors)) {
      for (Path entry : entries) {
        String target = target(entry);
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    }
    return inodes;
  }

  private static String target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return ""; // Closed since the folder was listed.
    }
  }

  /**
   * Returns which of {@code all} are none of {@code known}: a listener on the same port, with the
   * same address if there is one, because the kernel shows a wildcard in its own way.
   */
  static List<InetSocketAddress> without(
      List<InetSocketAddress> all, List<InetSocketAddress> known) {
    List<InetSocketAddress> rest = new ArrayList<>(all);
    List<InetSocketAddress> unmatched = new ArrayList<>(known);
    unmatched.removeIf(rest::remove);
    for (InetSocketAddress address : unmatched) {
      for (int i = 0; i < rest.size(); i++) {
        if (rest.get(i).getPort() == address.getPort()) {
          rest.remove(i);
          break;
        }
      }
    }
    return rest;
  }
}
