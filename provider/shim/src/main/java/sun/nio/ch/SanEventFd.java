package sun.nio.ch;

import java.io.IOException;

/** A descriptor that is readable for as long as it is set, see {@code eventfd(2)}. */
public final class SanEventFd {
  private final EventFD event;

  /**
   * Makes one that is not set.
   *
   * @throws IOException if the process has no descriptor left
   */
  public SanEventFd() throws IOException {
    event = new EventFD();
    // Resetting one that is not set must not wait until it is.
    IOUtil.configureBlocking(IOUtil.newFD(event.efd()), false);
  }

  public int fd() {
    return event.efd();
  }

  public void set() throws IOException {
    event.set();
  }

  public void reset() throws IOException {
    event.reset();
  }

  public void close() throws IOException {
    event.close();
  }
}
