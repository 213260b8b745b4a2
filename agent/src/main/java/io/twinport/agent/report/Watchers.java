package io.twinport.agent.report;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.jdk.NamedSocket;
import io.twinport.registry.Registry;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Those who look at this process again and again, each on one connection: {@code watch
 * intervalMillis most port order}. A thread each, and no more than a few; one that does not read is
 * dropped.
 */
public final class Watchers {
  private static final int MOST = 4;
  private static final int MOST_CONNECTIONS = 1_000;
  private static final int LEAST_MILLIS = 100;
  private static final int MOST_MILLIS = 60_000;

  /** How long a sample may take to be read. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Registry registry;
  private final Set<Watcher> watching = ConcurrentHashMap.newKeySet();
  private boolean ended; // Guarded by this.

  public Watchers(Registry registry) {
    this.registry = registry;
  }

  /** Looks once, for nobody, so that what this needs is loaded. */
  public void rehearse(Map<String, Object> head) throws IOException {
    new Samples(registry, head, 1, 0, Samples.Order.RATE).write(new JsonWriter(piece -> {}));
  }

  /**
   * Begins to tell somebody.
   *
   * @param words of the request, the first of them {@code watch}
   * @param head who this process is
   * @return null if it has begun, and closes the client in the end; otherwise why it does not
   */
  public synchronized String begin(NamedSocket client, String[] words, Map<String, Object> head) {
    int millis = words.length == 5 ? number(words[1], LEAST_MILLIS, MOST_MILLIS) : -1;
    int most = words.length == 5 ? number(words[2], 0, MOST_CONNECTIONS) : -1;
    int port = words.length == 5 ? number(words[3], 0, 65_535) : -1;
    Samples.Order order = words.length == 5 ? order(words[4]) : null;
    if (millis < 0 || most < 0 || port < 0 || order == null) {
      return "can't be watched like that";
    }
    if (ended || watching.size() >= MOST) {
      return "is watched by " + MOST + " already";
    }
    Samples samples = new Samples(registry, head, most, port, order);
    Watcher watcher = new Watcher(client, samples, Duration.ofMillis(millis));
    watching.add(watcher);
    boolean begun = false;
    try {
      Daemon.of("twinport-watch", watcher).start();
      begun = true;
    } finally {
      if (!begun) {
        watching.remove(watcher);
      }
    }
    return null;
  }

  private static int number(String text, int least, int most) {
    if (!text.matches("\\d{1,6}")) {
      return -1;
    }
    int number = Integer.parseInt(text);
    return number < least || number > most ? -1 : number;
  }

  private static Samples.Order order(String code) {
    for (Samples.Order order : Samples.Order.values()) {
      if (order.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(code)) {
        return order;
      }
    }
    return null;
  }

  /** The process ends, and is not to wait for anybody. */
  public synchronized void end() {
    ended = true;
    for (Watcher watcher : watching) {
      watcher.end();
    }
  }

  private final class Watcher implements Runnable {
    private final NamedSocket client;
    private final Samples samples;
    private final Duration interval;

    Watcher(NamedSocket client, Samples samples, Duration interval) {
      this.client = client;
      this.samples = samples;
      this.interval = interval;
    }

    @Override
    public void run() {
      try {
        JsonWriter out = new JsonWriter(piece -> client.write(piece, PATIENCE));
        do {
          samples.write(out);
        } while (!client.awaitInput(interval)); // It says nothing more: what comes is its end.
      } catch (IOException | RuntimeException | Error e) {
        Log.debug(() -> "whoever looks at this process is told no more: " + Log.cause(e));
      } finally {
        close();
      }
    }

    void end() {
      try {
        client.shutdown();
      } catch (IOException e) {
        Log.debug(() -> "a watcher can't be shut down: " + Log.cause(e));
      }
    }

    private void close() {
      // Under the lock: nobody shuts a number down that is somebody else's by then.
      synchronized (Watchers.this) {
        watching.remove(this);
        try {
          client.close();
        } catch (IOException e) {
          Log.debug(() -> "a watcher can't be closed: " + Log.cause(e));
        }
      }
    }
  }
}
