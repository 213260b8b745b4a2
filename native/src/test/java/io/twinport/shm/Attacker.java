package io.twinport.shm;

import io.twinport.posix.Errno;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.Posix;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process that means harm, for tests of those beside it. Arguments: the attack, and what it
 * needs. It says {@code ready}, begins when it is told {@code begin}, counts what it has done when
 * asked {@code tell}, and leaves, with all that it holds, when it is told {@code quit}.
 */
final class Attacker {
  /** What it does goes on, on threads of its own, behind its return. */
  @FunctionalInterface
  interface Attack {
    /** Begins; returns once that has come to where others may look at it. */
    void begin() throws Exception;
  }

  /** What was done so far, in units of the attack's own. */
  static final AtomicLong DONE = new AtomicLong();

  private static volatile String failure;

  private Attacker() {}

  /** Runs one attack. */
  public static void main(String[] arguments) throws Exception {
    Posix.load(null);
    Attack attack = attack(arguments[0], Arrays.copyOfRange(arguments, 1, arguments.length));
    say("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      switch (line) {
        case "begin" -> say(begin(attack));
        case "tell" -> say(told());
        case "quit" -> {
          say("ok");
          return; // The other threads are daemons.
        }
        default -> say("error no such command: " + line);
      }
    }
  }

  private static Attack attack(String name, String... words) {
    return switch (name) {
      case "knock" -> AsClient.knock(words[0], words[1]);
      case "linger" -> AsClient.linger(AsClient.listener(words[0]));
      case "map" -> AsClient.map(AsClient.listener(words[0]), Integer.parseInt(words[1]));
      case "wires" -> AsClient.wires(AsClient.listener(words[0]));
      case "attach" -> AsClient.attach(AsClient.listener(words[0]), Integer.parseInt(words[1]));
      case "unread" -> AsClient.unread(AsClient.listener(words[0]));
      case "silent" -> AsClient.silent(AsClient.listener(words[0]));
      case "bells" -> AsClient.bells(AsClient.listener(words[0]));
      case "hoard" -> AsClient.hoard(AsClient.listener(words[0]));
      case "squat" -> AsServer.squat(AsClient.listener(words[0]), words[1]);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static String begin(Attack attack) {
    try {
      attack.begin();
      return told();
    } catch (Exception | AssertionError e) {
      return "error " + e;
    }
  }

  private static String told() {
    String why = failure;
    return why == null ? "ok done=" + DONE : "error " + why;
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Goes on beside what is told; what it fails for is told next. */
  static void aside(Callable<Void> task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.call();
              } catch (Exception | AssertionError e) {
                failure = e + " at " + e.getStackTrace()[0];
              }
            },
            "attack");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether the victim has had enough of its peer, or takes no descriptors yet. */
  static boolean isTurnedAway(IOException e) {
    return e instanceof ErrnoException known
        && (known.errno() == Errno.EPIPE
            || known.errno() == Errno.ECONNRESET
            || known.errno() == Errno.EPERM);
  }
}
