package io.twinport.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * The server's process where both ends block: an ordinary server that knows nothing of us. It
 * listens on a free port of the loopback address, prints it, and ends when its standard input does.
 */
public final class BlockingServer {
  /** What the server does with its connections. */
  enum Service {
    /**
     * Sends one byte as soon as it has accepted, and closes when one comes back; only then it
     * accepts the next. One thread does it all, so that none has to be started or woken.
     */
    GREET,
    /** Sends back what it gets, from a thread for each connection. */
    ECHO
  }

  private static final int BUFFER_BYTES = 64 << 10;

  private final Service service;
  private final Api api;

  private BlockingServer(Service service, Api api) {
    this.service = service;
    this.api = api;
  }

  /**
   * Runs the server.
   *
   * @param args the service's and the interface's names
   */
  public static void main(String[] args) throws IOException {
    Service service = Service.valueOf(args[0].toUpperCase(Locale.ROOT));
    Api api = Api.valueOf(args[1].toUpperCase(Locale.ROOT));
    Lifeline.watch();
    try (Api.Listener listener = api.listen()) {
      System.out.println(listener.port());
      new BlockingServer(service, api).serve(listener);
    }
  }

  private void serve(Api.Listener listener) throws IOException {
    ByteBuffer one = api.allocate(1);
    while (true) {
      Api.Connection connection = listener.accept();
      if (service == Service.GREET) {
        end(connection, () -> greet(connection, one));
      } else {
        Thread thread = new Thread(() -> end(connection, () -> echo(connection)), "echo");
        thread.setDaemon(true);
        thread.start();
      }
    }
  }

  private interface Session {
    void run() throws IOException;
  }

  private static void end(Api.Connection connection, Session session) {
    try (connection) {
      session.run();
    } catch (IOException e) {
      // A client that went away is its own business; the benchmark sees its own failure.
      return;
    }
  }

  private static void greet(Api.Connection connection, ByteBuffer one) throws IOException {
    connection.write(one.clear());
    connection.read(one.clear());
  }

  private void echo(Api.Connection connection) throws IOException {
    connection.noDelay();
    ByteBuffer buffer = api.allocate(BUFFER_BYTES);
    while (connection.read(buffer.clear()) >= 0) {
      connection.write(buffer.flip());
    }
  }
}
