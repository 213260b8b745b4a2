package io.twinport.agent.control;

import io.twinport.jdk.NamedSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.net.ExtendedSocketOptions;

/**
 * Who is at the other end of a control connection, as the kernel says. Only the user that this
 * process runs as, and root, are listened to. Principals are compared by number: the JDK's are
 * equal if their numbers are.
 */
public final class ControlPeer {
  private static final Pattern EFFECTIVE = Pattern.compile("(?s).*\\nUid:\\s+\\d+\\s+(\\d+)\\s.*");

  /** What a Java runtime lacks that {@link #isKnown} does not hold for. */
  public static final String LACKS = "lacks the module jdk.net";

  /** Root, and the users that this process has run as, by their numbers. */
  private static final Map<String, UserPrincipal> USERS = new ConcurrentHashMap<>();

  private ControlPeer() {}

  /** Whether this Java runtime can tell who is at the other end; one without jdk.net can't. */
  public static boolean isKnown() {
    return ModuleLayer.boot().findModule("jdk.net").isPresent();
  }

  /**
   * Whether the peer may ask this process: it runs as root, or as this process's user.
   *
   * @throws IOException if the system or this JDK, which may lack {@code jdk.net}, can't tell
   */
  static boolean mayAsk(NamedSocket connection) throws IOException {
    UserPrincipal peer = userOf(connection);
    return peer.equals(user("0")) || isOwn(peer);
  }

  /**
   * Whether this process may ask the peer, and take its word: this process runs as root, or the
   * peer as this process's user.
   *
   * @throws IOException as above
   */
  public static boolean mayBeAsked(NamedSocket connection) throws IOException {
    return ownNumber().equals("0") || isOwn(userOf(connection));
  }

  /** The peer's user, by its name or, where it has none here, by its number. */
  static String nameOf(NamedSocket connection) throws IOException {
    return "user " + userOf(connection).getName();
  }

  private static UserPrincipal userOf(NamedSocket connection) throws IOException {
    try {
      return connection.option(ExtendedSocketOptions.SO_PEERCRED).user();
    } catch (LinkageError | UnsupportedOperationException e) {
      throw new IOException("this Java runtime " + LACKS, e);
    }
  }

  private static boolean isOwn(UserPrincipal peer) throws IOException {
    String own = ownNumber();
    // The overflow number stands for every user that is not mapped here, so it is nobody's.
    return !own.equals(overflowNumber()) && peer.equals(user(own));
  }

  /** Looked up once: the system may ask a directory service for that, each time. */
  private static UserPrincipal user(String number) throws IOException {
    UserPrincipal known = USERS.get(number);
    if (known == null) {
      known =
          FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(number);
      USERS.put(number, known);
    }
    return known;
  }

  private static String ownNumber() throws IOException {
    String status = Files.readString(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1);
    Matcher effective = EFFECTIVE.matcher(status);
    if (!effective.matches()) {
      throw new IOException("/proc/self/status names no user");
    }
    return effective.group(1);
  }

  private static String overflowNumber() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/overflowuid")).strip();
  }
}
