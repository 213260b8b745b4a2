package io.twinport.agent.commands;

import io.twinport.agent.view.Answers;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which listeners and connections are shown, and in which order. */
final class StatusFilter {
  private static final List<String> SORTS =
      List.of(
          "port",
          "peer",
          "age",
          "received",
          "sent",
          "receive-queue",
          "send-queue",
          "operations",
          "quiet");

  private static final Pattern WITH_PORT =
      Pattern.compile("(?:\\[([^\\]]*)]|([^:\\[\\]]*)):(\\d{1,5})");

  private static final Pattern LITERAL =
      Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%\\w+)?");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "<port>",
      description = "Only those at this port, of either end.")
  private Integer port;

  @Option(
      names = "--peer",
      paramLabel = "<address>",
      description = "Only connections with this peer: an address, or address:port.")
  private String peer;

  @Option(
      names = "--path",
      paramLabel = "<path>",
      description = "Only those on this path: tcp, shm or ucx.")
  private String path;

  @Option(
      names = "--reason",
      paramLabel = "<code>",
      description = "Only those on TCP for this reason, such as no-twin.")
  private String reason;

  @Option(
      names = "--sort",
      paramLabel = "<key>",
      description =
          "Sorts connections by port, peer, age, received, sent, receive-queue, send-queue,"
              + " operations or quiet.")
  private String sort;

  private Predicate<Map<?, ?>> isPeer;

  /**
   * Looks at what was given.
   *
   * @throws ParameterException if it makes no sense
   */
  void check() {
    if (port != null && (port < 1 || port > 65_535)) {
      throw new ParameterException(spec.commandLine(), "--port " + port + " is no port");
    }
    if (sort != null && !SORTS.contains(sort)) {
      throw new ParameterException(
          spec.commandLine(), "--sort " + sort + " is none of " + String.join(", ", SORTS));
    }
    isPeer = peer == null ? line -> true : peer();
  }

  private Predicate<Map<?, ?>> peer() {
    Matcher with = WITH_PORT.matcher(peer);
    int itsPort = with.matches() ? Integer.parseInt(with.group(3)) : -1;
    InetAddress host = address(with.matches() ? host(with) : peer.replaceAll("^\\[|]$", ""));
    if (host == null || itsPort > 65_535) {
      throw new ParameterException(
          spec.commandLine(), "--peer " + peer + " is no IP address, nor one with a port");
    }
    return line -> {
      Matcher remote = WITH_PORT.matcher(String.valueOf(line.get("remote")));
      return remote.matches()
          && (itsPort < 0 || itsPort == Integer.parseInt(remote.group(3)))
          && host.equals(address(host(remote)));
    };
  }

  private static String host(Matcher address) {
    return address.group(1) == null ? address.group(2) : address.group(1);
  }

  /**
   * The address that a text stands for; null if it is none. A name would be looked up at a name
   * server, which may know others than the processes do.
   */
  private static InetAddress address(String text) {
    try {
      return LITERAL.matcher(text).matches() ? InetAddress.getByName(text) : null;
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** Leaves in an answer what is to be shown, in its order. */
  void apply(Map<String, Object> answer) {
    if (answer.get("listeners") instanceof List<?>) {
      List<Object> listeners = new ArrayList<>();
      for (Map<?, ?> line : Answers.lines(answer, "listeners")) {
        if (peer == null && isAt(line) && isOnPath(line, true) && isFor(line)) {
          listeners.add(line);
        }
      }
      answer.put("listeners", listeners);
    }
    if (answer.get("connections") instanceof List<?>) {
      List<Map<?, ?>> connections = new ArrayList<>();
      for (Map<?, ?> line : Answers.lines(answer, "connections")) {
        if (isPeer.test(line) && isAt(line) && isOnPath(line, false) && isFor(line)) {
          connections.add(line);
        }
      }
      if (sort != null) {
        connections.sort(order(sort));
      }
      answer.put("connections", connections);
    }
  }

  private boolean isAt(Map<?, ?> line) {
    return port == null
        || Answers.port(line.get("local")) == port
        || Answers.port(line.get("remote")) == port;
  }

  /** A listener with twins is on their paths; TCP it has in any case. */
  private boolean isOnPath(Map<?, ?> line, boolean listener) {
    if (path == null) {
      return true;
    }
    String itsPath = String.valueOf(line.get("path"));
    String wanted = path.toLowerCase(Locale.ROOT);
    return itsPath.equals(wanted)
        || (listener
            && !wanted.equals("tcp")
            && Arrays.asList(itsPath.split("\\+", -1)).contains(wanted));
  }

  private boolean isFor(Map<?, ?> line) {
    return reason == null || reason.equals(line.get("reason"));
  }

  /** Numbers begin with the highest. */
  static Comparator<Map<?, ?>> order(String key) {
    return switch (key) {
      case "port" -> Comparator.comparingInt(line -> Answers.port(line.get("local")));
      case "peer" -> Comparator.comparing(line -> Answers.text(line, "remote"));
      case "age" -> highest("ageMillis");
      case "received" -> highest("receivedBytes");
      case "sent" -> highest("sentBytes");
      case "receive-queue" -> highest("receiveQueueBytes");
      case "send-queue" -> highest("sendQueueBytes");
      case "operations" -> highest("receiveOperations", "sendOperations");
      default ->
          Comparator.comparingLong(
              line ->
                  -Math.min(
                      Answers.number(line, "receiveQuietMillis", Long.MAX_VALUE),
                      Answers.number(line, "sendQuietMillis", Long.MAX_VALUE)));
    };
  }

  private static Comparator<Map<?, ?>> highest(String... fields) {
    return Comparator.comparingLong(
        line -> {
          long sum = 0;
          for (String field : fields) {
            sum -= Answers.number(line, field, -1);
          }
          return sum;
        });
  }
}
