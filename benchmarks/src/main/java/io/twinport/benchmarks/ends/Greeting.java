package io.twinport.benchmarks.ends;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A client of {@link Service#GREET}: connects, reads one byte, takes leave. */
public final class Greeting {
  private final Api api;
  private final String address;
  private final ByteBuffer buffer;
  private Connection connection;

  /**
   * Of the server at this address. Where it is a selector's, the client blocks: else the making of
   * a selector for each connection would be measured.
   */
  public Greeting(Api api, String address) {
    this.api = api == Api.SELECTOR ? Api.CHANNEL : api;
    this.address = address;
    buffer = api.allocate(1);
  }

  /** Connects and waits for the first byte. */
  public Connection connect() throws IOException {
    connection = api.connect(address);
    if (connection.read(buffer.clear()) != 1) {
      connection.close();
      throw new EOFException("The server closed without a greeting");
    }
    return connection;
  }

  /** Takes leave; the server closes first, so that the client's ports are free again at once. */
  public void leave() throws IOException {
    try (Connection leaving = connection) {
      leaving.write(buffer.clear());
      if (leaving.read(buffer.clear()) >= 0) {
        throw new IOException("The server sent more than a greeting");
      }
    }
  }
}
