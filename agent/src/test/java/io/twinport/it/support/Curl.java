package io.twinport.it.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The plain TCP client that everybody has. */
public final class Curl {
  private Curl() {}

  public static String url(String host, int port) {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/";
  }

  /** Starts to get a page so many times in a row. */
  public static Finished.Started start(String host, int port, int times) throws IOException {
    return start(words -> words, host, port, times);
  }

  /**
   * As {@link #start(String, int, int)}.
   *
   * @param where makes a command of it that runs where the client is to be
   */
  public static Finished.Started start(
      UnaryOperator<List<String>> where, String host, int port, int times) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("curl", "-g", "-sS", "--noproxy", "*", "--max-time", "20"));
    for (int i = 0; i < times; i++) {
      command.add(url(host, port));
    }
    return Finished.start(where.apply(command));
  }

  /** The addresses that the server saw this client under. */
  public static List<String> seen(Finished.Started curl, int times) throws InterruptedException {
    Finished finished = curl.await();
    assertEquals(0, finished.status(), finished.errors());
    List<String> seen = finished.output().lines().toList();
    assertEquals(times, seen.size(), finished.output());
    return seen;
  }
}
