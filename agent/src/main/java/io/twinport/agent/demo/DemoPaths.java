package io.twinport.agent.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What path a client's connections to a server took: as {@code status} says, and as the kernel's
 * own list of TCP connections shows.
 *
 * @param path what {@code status} calls it; {@code tcp} where there is nobody to ask
 * @param why why it is TCP, or empty
 * @param onTcp how many of the {@link #CONNECTIONS} the kernel knows as established
 */
public record DemoPaths(String path, String why, int onTcp) {
  /** How many connections are looked at. */
  public static final int CONNECTIONS = 4;

  /** The API that is looked at, as the client calls it. */
  public static final String CHANNEL = "channel";

  private static final String ESTABLISHED = "01";

  /**
   * Opens connections, looks, and closes them.
   *
   * @param api what the client uses, as it calls it
   * @param witness the end that has the agent and can be asked, or null
   */
  public static DemoPaths look(DemoJvm client, String api, int port, DemoJvm witness)
      throws IOException, InterruptedException {
    String opened = client.call("open " + api + " " + port + " " + CONNECTIONS);
    Set<Integer> clientPorts = new HashSet<>();
    for (String word : opened.substring("open ".length()).split(" ", -1)) {
      clientPorts.add(Integer.valueOf(word));
    }
    int onTcp = establishedOnTcp(port, clientPorts);
    Set<String> paths = new HashSet<>();
    Set<String> reasons = new HashSet<>();
    if (witness != null) {
      for (Map<?, ?> connection : connections(witness)) {
        if (isBetween(connection, port, clientPorts)) {
          paths.add((String) connection.get("path"));
          if (connection.get("why") instanceof String why && !why.isBlank()) {
            reasons.add(why);
          }
        }
      }
    } else {
      paths.add("tcp");
    }
    client.call("close");
    return new DemoPaths(String.join(" and ", paths), String.join(", ", reasons), onTcp);
  }

  /** Whether every connection was on the SAN, whoever is asked. */
  public boolean isSan() {
    return onTcp == 0 && !path.isEmpty() && !path.contains("tcp");
  }

  private static List<Map<?, ?>> connections(DemoJvm witness) throws IOException {
    Map<String, Object> status = witness.status();
    if (!(status.get("connections") instanceof List<?> list)) {
      throw new IOException("status: process " + status.get("pid") + " " + status.get("error"));
    }
    List<Map<?, ?>> connections = new ArrayList<>();
    list.forEach(connection -> connections.add((Map<?, ?>) connection));
    return connections;
  }

  /** The witness may be either end, so either address may be the server's. */
  private static boolean isBetween(Map<?, ?> connection, int port, Set<Integer> clientPorts) {
    int local = portOf(connection, "local");
    int remote = portOf(connection, "remote");
    return (local == port && clientPorts.contains(remote))
        || (remote == port && clientPorts.contains(local));
  }

  private static int portOf(Map<?, ?> connection, String end) {
    String address = (String) connection.get(end);
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private static int establishedOnTcp(int port, Set<Integer> clientPorts) throws IOException {
    // A set, because the kernel may list a connection twice while others come and go.
    Set<Integer> found = new HashSet<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : lines(Path.of(table))) {
        // "0: 0100007F:A1B2 0100007F:C3D4 01 …": number, local, remote, state.
        String[] fields = line.trim().split("\\s+", 5);
        if (fields.length == 5
            && fields[3].equals(ESTABLISHED)
            && hexPort(fields[1]) == port
            && clientPorts.contains(hexPort(fields[2]))) {
          found.add(hexPort(fields[2]));
        }
      }
    }
    return found.size();
  }

  private static List<String> lines(Path table) throws IOException {
    try {
      List<String> lines = Files.readAllLines(table, StandardCharsets.US_ASCII);
      return lines.subList(1, lines.size());
    } catch (NoSuchFileException e) {
      return List.of(); // A kernel without IPv6 has no tcp6.
    }
  }

  private static int hexPort(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
  }
}
