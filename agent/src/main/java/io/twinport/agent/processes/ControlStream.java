package io.twinport.agent.processes;

import io.twinport.agent.control.ControlJson;
import io.twinport.agent.control.ControlName;
import io.twinport.agent.control.ControlPeer;
import io.twinport.jdk.NamedSocket;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** A process that tells of itself again and again, on one connection. One thread reads. */
public final class ControlStream implements Closeable {
  private static final int LONGEST_SAMPLE = 16 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final NamedSocket connection;
  private final Duration patience;

  private ControlStream(NamedSocket connection, Duration patience) {
    this.connection = connection;
    this.patience = patience;
  }

  /**
   * Asks a process to begin.
   *
   * @param interval between two samples
   * @param most how many connections each shows
   * @param port of either end; 0 for all
   * @param order by which they are the first, such as {@code rate}
   * @throws IOException if it can't be asked
   */
  public static ControlStream open(
      ControlName process, Duration interval, int most, int port, String order) throws IOException {
    NamedSocket connection = NamedSocket.connect(process.name());
    boolean begun = false;
    try {
      if (!ControlPeer.mayBeAsked(connection)) {
        throw new IOException("process " + process.pid() + " runs as another user");
      }
      String request = "watch " + interval.toMillis() + " " + most + " " + port + " " + order;
      connection.write(request + "\n", PATIENCE);
      begun = true;
      return new ControlStream(connection, interval.plus(PATIENCE));
    } finally {
      if (!begun) {
        connection.close();
      }
    }
  }

  /**
   * Waits for the next sample.
   *
   * @return null if the process has ended
   * @throws IOException if it does not go on, or says something else
   */
  @SuppressWarnings("unchecked")
  public Map<String, Object> next() throws IOException {
    String line = connection.readLine(LONGEST_SAMPLE, patience);
    if (line.isEmpty()) {
      return null;
    }
    try {
      if (ControlJson.parse(line) instanceof Map<?, ?> map) {
        return (Map<String, Object>) map;
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("gave an answer that can't be read: " + e.getMessage(), e);
    }
    throw new IOException("gave an answer that is none");
  }

  /** Ends a {@link #next} of another thread, which then closes this. */
  public void shutdown() throws IOException {
    connection.shutdown();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
