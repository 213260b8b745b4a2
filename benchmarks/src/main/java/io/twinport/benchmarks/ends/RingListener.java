package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A file for one {@link Ring}. Its connection is there at once; there is no second one. */
final class RingListener implements Listener {
  private final String path;
  private Ring ring;

  RingListener(String path) throws IOException {
    this.path = path;
    ring = Ring.create(Path.of(path));
  }

  static Connection connect(String path) throws IOException {
    return Ring.open(Path.of(path));
  }

  @Override
  public String address() {
    return path;
  }

  @Override
  public Connection accept() throws IOException {
    if (ring == null) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw (IOException) new InterruptedIOException("interrupted").initCause(e);
      }
    }
    Ring accepted = ring;
    ring = null;
    return accepted;
  }
}
