package io.twinport.settings;

import io.twinport.config.TextFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The user's rules on which addresses use the SAN; the first one that matches wins.
 *
 * <pre>
 * use  twin|san|tcp   listen|connect   host[/prefix]|*   port[-[port]]|*
 * </pre>
 *
 * Lines of the JDK's old {@code sdp.conf} ({@code bind|connect host port}) are accepted; they mean
 * {@code twin}. A line that can't be understood is reported with its place and ignored.
 */
public final class Rules {
  /** What a rule asks for. */
  public enum Use {
    /** For a listener both, for a connect the SAN with TCP behind it. */
    TWIN,
    /** The SAN only: a connect that can't use it fails. A listener keeps its TCP side. */
    SAN,
    /** TCP only. */
    TCP
  }

  /** Which call a rule is about. */
  public enum Call {
    LISTEN,
    CONNECT
  }

  private record Rule(
      Use use, Call call, List<byte[]> networks, int prefix, int lowPort, int highPort) {
    boolean matches(Call asked, byte[] address, int port) {
      if (call != asked || port < lowPort || port > highPort) {
        return false;
      }
      if (networks.isEmpty()) {
        return true;
      }
      for (byte[] network : networks) {
        if (network.length == address.length
            && sameBits(network, address, prefix < 0 ? 8 * network.length : prefix)) {
          return true;
        }
      }
      return false;
    }

    private static boolean sameBits(byte[] a, byte[] b, int bits) {
      int whole = bits / 8;
      int rest = bits % 8;
      if (!Arrays.equals(a, 0, whole, b, 0, whole)) {
        return false;
      }
      return rest == 0 || ((a[whole] ^ b[whole]) & (0xff << (8 - rest)) & 0xff) == 0;
    }
  }

  private final List<Rule> rules;

  private Rules(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** Rules that ask for nothing: everything is {@link Use#TWIN}. */
  public static Rules none() {
    return new Rules(List.of());
  }

  /**
   * Reads rules.
   *
   * @param source empty, the name of a file, or the rules themselves, with {@code ;} or a line
   *     break between them
   * @param complaints takes a line for each that can't be understood, which is left out
   */
  public static Rules parse(String source, List<String> complaints) {
    if (source.isBlank()) {
      return none();
    }
    String trimmed = source.trim();
    if (isInline(trimmed)) {
      return read("twinport.rules", Arrays.asList(trimmed.split("[;\\r\\n]", -1)), complaints);
    }
    try {
      return read(trimmed, TextFile.read(trimmed).lines().toList(), complaints);
    } catch (IOException e) {
      complaints.add("twinport.rules: can't read " + trimmed + " (" + e.getMessage() + ")");
      return none();
    }
  }

  /** Whether that is rules, or else a file's name. */
  static boolean isInline(String source) {
    return source.matches("(?s)\\s*(use|bind|connect)\\s.*");
  }

  /** Whether these are {@link #none}. */
  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /**
   * What is asked for {@code call} on this address and port; {@link Use#TWIN} if nothing matches.
   */
  public Use use(Call call, InetAddress address, int port) {
    if (rules.isEmpty()) {
      return Use.TWIN;
    }
    byte[] bytes = address.getAddress();
    for (Rule rule : rules) {
      if (rule.matches(call, bytes, port)) {
        return rule.use();
      }
    }
    return Use.TWIN;
  }

  private static Rules read(String name, List<String> lines, List<String> complaints) {
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int comment = line.indexOf('#');
      String text = (comment < 0 ? line : line.substring(0, comment)).trim();
      if (text.isEmpty()) {
        continue;
      }
      try {
        rules.add(rule(text.split("\\s+")));
      } catch (IllegalArgumentException e) {
        complaints.add(name + ":" + (i + 1) + ": " + e.getMessage());
      }
    }
    return new Rules(rules);
  }

  private static Rule rule(String[] words) {
    if (words.length == 3 && (words[0].equals("bind") || words[0].equals("connect"))) {
      Call call = words[0].equals("bind") ? Call.LISTEN : Call.CONNECT;
      return rule(Use.TWIN, call, words[1], words[2]);
    }
    if (words.length != 5 || !words[0].equals("use")) {
      throw new IllegalArgumentException(
          "expected 'use twin|san|tcp listen|connect host[/prefix]|* port[-[port]]|*'");
    }
    Use use = constant(Use.class, words[1]);
    return rule(use, constant(Call.class, words[2]), words[3], words[4]);
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String word) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(word)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "'"
            + word
            + "' is not one of "
            + String.join(
                ", ",
                Arrays.stream(type.getEnumConstants())
                    .map(c -> c.name().toLowerCase(Locale.ROOT))
                    .toList()));
  }

  private static Rule rule(Use use, Call call, String host, String ports) {
    int low = 0;
    int high = 65_535;
    if (!ports.equals("*")) {
      int dash = ports.indexOf('-');
      low = port(dash < 0 ? ports : ports.substring(0, dash));
      high = dash < 0 ? low : ports.endsWith("-") ? 65_535 : port(ports.substring(dash + 1));
      if (low > high) {
        throw new IllegalArgumentException("'" + ports + "' is an empty range of ports");
      }
    }
    if (host.equals("*")) {
      return new Rule(use, call, List.of(), -1, low, high);
    }
    int slash = host.indexOf('/');
    List<byte[]> networks = addresses(slash < 0 ? host : host.substring(0, slash));
    int prefix = -1;
    if (slash >= 0) {
      prefix = prefix(host.substring(slash + 1), 8 * networks.get(0).length);
    }
    return new Rule(use, call, networks, prefix, low, high);
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a port", e);
    }
    throw new IllegalArgumentException("'" + text + "' is not a port");
  }

  private static int prefix(String text, int most) {
    try {
      int prefix = Integer.parseInt(text);
      if (prefix >= 0 && prefix <= most) {
        return prefix;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'/" + text + "' is not a prefix length", e);
    }
    throw new IllegalArgumentException("'/" + text + "' is not a prefix length");
  }

  private static List<byte[]> addresses(String host) {
    try {
      List<byte[]> found = new ArrayList<>();
      for (InetAddress address : InetAddress.getAllByName(host)) {
        found.add(address.getAddress());
      }
      return found;
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("'" + host + "' is not a host", e);
    }
  }
}
