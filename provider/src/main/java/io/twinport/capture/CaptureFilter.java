package io.twinport.capture;

import io.twinport.config.Subnet;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which connections are captured, and how much of each packet: the words of a request, as in {@code
 * port=8080,9090 peer=10.0.0.0/8 snap=96 buffer=16777216}.
 *
 * @param ports either end has one of these; every port if there is none
 * @param local the captured process's end has one of these; every port if there is none
 * @param remote the other end has one of these; every port if there is none
 * @param peer where the other end is, or null
 * @param snap how many bytes of a segment are kept, at the most
 * @param buffer bytes of the queue, or 0 for what suits the process
 */
public record CaptureFilter(
    List<Integer> ports,
    List<Integer> local,
    List<Integer> remote,
    Subnet peer,
    int snap,
    long buffer) {
  /** How many ports a request can name, in all of its lists. */
  public static final int MOST_PORTS = 16;

  /** Lets everything through. */
  public static final CaptureFilter ALL =
      new CaptureFilter(List.of(), List.of(), List.of(), null, CaptureFormat.SEGMENT, 0);

  /**
   * Reads the words of a request.
   *
   * @throws IllegalArgumentException if there is something in them that can't be understood
   */
  public static CaptureFilter parse(String words) {
    List<Integer> ports = new ArrayList<>();
    List<Integer> local = new ArrayList<>();
    List<Integer> remote = new ArrayList<>();
    Subnet peer = null;
    int snap = CaptureFormat.SEGMENT;
    long buffer = 0;
    for (String word : words.isBlank() ? new String[0] : words.trim().split(" +")) {
      int sign = word.indexOf('=');
      String value = word.substring(sign + 1);
      switch (sign < 0 ? "" : word.substring(0, sign)) {
        case "port" -> addPorts(value, ports);
        case "local" -> addPorts(value, local);
        case "remote" -> addPorts(value, remote);
        case "peer" -> peer = Subnet.parse(value);
        case "snap" -> snap = (int) Math.min(number(value), CaptureFormat.SEGMENT);
        case "buffer" -> buffer = number(value);
        default -> throw new IllegalArgumentException("no such filter: " + word);
      }
    }
    if (ports.size() + local.size() + remote.size() > MOST_PORTS) {
      throw new IllegalArgumentException("more than " + MOST_PORTS + " ports");
    }
    return new CaptureFilter(
        List.copyOf(ports), List.copyOf(local), List.copyOf(remote), peer, snap, buffer);
  }

  private static void addPorts(String value, List<Integer> ports) {
    for (String each : value.split(",", -1)) {
      long port = number(each);
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("no such port: " + each);
      }
      ports.add((int) port);
    }
  }

  private static long number(String value) {
    if (!value.matches("\\d{1,12}")) {
      throw new IllegalArgumentException("no number: " + value);
    }
    return Long.parseLong(value);
  }

  /** The words that {@link #parse} reads. */
  public String words() {
    StringBuilder words = new StringBuilder();
    add(words, "port", ports);
    add(words, "local", local);
    add(words, "remote", remote);
    if (peer != null) {
      words.append("peer=").append(peerText()).append(' ');
    }
    words.append("snap=").append(snap);
    return (buffer == 0 ? words : words.append(" buffer=").append(buffer)).toString();
  }

  private static void add(StringBuilder words, String name, List<Integer> ports) {
    if (!ports.isEmpty()) {
      words.append(name).append('=').append(list(ports, ",")).append(' ');
    }
  }

  private static String list(List<Integer> ports, String between) {
    return String.join(between, ports.stream().map(String::valueOf).toList());
  }

  private String peerText() {
    return peer.address().getHostAddress() + "/" + peer.prefix();
  }

  /** For people: {@code ports 8080, 9090, peers 10.0.0.0/8}, or {@code everything}. */
  public String describe() {
    List<String> parts = new ArrayList<>();
    describe("port", ports, parts);
    describe("local port", local, parts);
    describe("remote port", remote, parts);
    if (peer != null) {
      parts.add("peers " + peerText());
    }
    return parts.isEmpty() ? "all ports" : String.join(", ", parts);
  }

  private static void describe(String name, List<Integer> ports, List<String> parts) {
    if (!ports.isEmpty()) {
      String text =
          String.format(
              Locale.ROOT, ports.size() == 1 ? "%s %s" : "%ss %s", name, list(ports, ", "));
      parts.add(text);
    }
  }

  boolean lets(InetSocketAddress here, InetSocketAddress there) {
    return (ports.isEmpty() || ports.contains(here.getPort()) || ports.contains(there.getPort()))
        && (local.isEmpty() || local.contains(here.getPort()))
        && (remote.isEmpty() || remote.contains(there.getPort()))
        && (peer == null || peer.contains(there.getAddress()));
  }
}
