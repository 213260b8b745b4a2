package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An ordinary server whose calls block, and that knows nothing of us. */
final class BlockingServer implements Server {
  /** The length of the file of {@link Service#FILE}, in bytes. */
  static final int FILE_BYTES = 16 << 20;

  private static final int BUFFER_BYTES = 64 << 10;

  private final Service service;
  private final Api api;
  private final Listener listener;
  private final FileChannel file;

  BlockingServer(Service service, Api api, Listener listener) throws IOException {
    this.service = service;
    this.api = api;
    this.listener = listener;
    file = service == Service.FILE ? file() : null;
  }

  /** A file without a name. */
  private static FileChannel file() throws IOException {
    Path path = Files.createTempFile("twinport-benchmark", "");
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Files.delete(path);
    ByteBuffer bytes = ByteBuffer.allocate(FILE_BYTES);
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
    return file;
  }

  @Override
  public String address() throws IOException {
    return listener.address();
  }

  /**
   * Greets on the thread that accepts, so that none has to be started or woken; everything else has
   * a thread for each connection.
   */
  @Override
  public void serve() throws IOException {
    ByteBuffer one = api.allocate(1);
    while (true) {
      Connection connection = listener.accept();
      if (service == Service.GREET) {
        end(connection, () -> greet(connection, one));
      } else {
        Thread thread = new Thread(() -> end(connection, () -> run(connection)), "session");
        thread.setDaemon(true);
        thread.start();
      }
    }
  }

  private interface Session {
    void run() throws IOException;
  }

  private static void end(Connection connection, Session session) {
    try (connection) {
      session.run();
    } catch (IOException e) {
      // A client that went away is its own business; the benchmark sees its own failure.
      return;
    }
  }

  private static void greet(Connection connection, ByteBuffer one) throws IOException {
    connection.write(one.clear());
    connection.read(one.clear());
  }

  private void run(Connection connection) throws IOException {
    connection.noDelay();
    ByteBuffer buffer = api.allocate(BUFFER_BYTES);
    switch (service) {
      case ECHO -> echo(connection, buffer);
      case DRAIN -> drain(connection, buffer);
      case FILE -> send(connection, buffer);
      case GREET -> throw new AssertionError("greeted by the thread that accepts");
    }
  }

  private static void echo(Connection connection, ByteBuffer buffer) throws IOException {
    while (connection.read(buffer.clear()) >= 0) {
      connection.write(buffer.flip());
    }
  }

  private static void drain(Connection connection, ByteBuffer buffer) throws IOException {
    long count = 0;
    int n;
    while ((n = connection.read(buffer.clear())) >= 0) {
      count += n;
    }
    connection.write(buffer.clear().putLong(count).flip());
  }

  private void send(Connection connection, ByteBuffer buffer) throws IOException {
    while (true) {
      buffer.clear().limit(Long.BYTES);
      while (buffer.hasRemaining()) {
        if (connection.read(buffer) < 0) {
          return;
        }
      }
      connection.write(file, buffer.getLong(0), buffer);
    }
  }
}
