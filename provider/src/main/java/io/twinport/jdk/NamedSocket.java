package io.twinport.jdk;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import sun.nio.ch.AbstractNames;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;

/**
 * A UNIX-domain stream socket with a name in the abstract namespace, by which processes of one
 * network namespace ask each other. No native code of ours, no files; one thread at a time.
 *
 * <p>Reads and writes have a deadline: a peer that hangs costs no more than that.
 */
public final class NamedSocket implements Closeable {
  private static final byte[] NOTHING = {};

  private final FileDescriptor fd;

  /** What has come behind the last line. */
  private byte[] rest = NOTHING;

  private boolean closed;

  private NamedSocket(FileDescriptor fd) {
    this.fd = fd;
  }

  /**
   * Listens.
   *
   * @param name the name without its leading NUL, at most 106 bytes
   * @throws java.net.BindException if the name is taken
   * @throws IOException if this JDK or the system does not let us
   */
  public static NamedSocket listen(String name, int backlog) throws IOException {
    checkLinked();
    return new NamedSocket(AbstractNames.listen(name, backlog));
  }

  /**
   * Connects; blocks while the listener's backlog is full.
   *
   * @throws java.net.ConnectException if nobody listens on the name
   */
  public static NamedSocket connect(String name) throws IOException {
    checkLinked();
    return new NamedSocket(AbstractNames.connect(name));
  }

  private static void checkLinked() throws IOException {
    if (!Shim.CORE.isLinked()) {
      throw new IOException("no named sockets on this JDK");
    }
  }

  /**
   * Accepts, blocking.
   *
   * @throws IOException if this listener is shut down, or no descriptor is left
   */
  public NamedSocket accept() throws IOException {
    while (true) {
      FileDescriptor accepted = AbstractNames.accept(fd);
      if (accepted != null) {
        return new NamedSocket(accepted);
      }
    }
  }

  /** Waits until there is something to accept, this listener is shut down, or the time is over. */
  public void awaitClient(Duration patience) throws IOException {
    SanAccess.poll(fd, Net.POLLIN, patience.toMillis());
  }

  /**
   * Waits until the peer has said something or closed, this end was shut down, or the time is over.
   *
   * @return false if the time is over
   */
  public boolean awaitInput(Duration patience) throws IOException {
    return SanAccess.poll(fd, Net.POLLIN, patience.toMillis()) != 0;
  }

  /** What the kernel says of an option, such as {@code SO_PEERCRED}. */
  public <T> T option(SocketOption<T> name) throws IOException {
    return name.type().cast(AbstractNames.option(fd, name));
  }

  /**
   * Reads up to a line break or the end of the stream, as UTF-8 and without the line break. What
   * has come behind the line break is read next.
   *
   * @throws SocketTimeoutException if that takes longer than {@code patience}
   * @throws IOException if there are more than {@code most} bytes
   */
  public String readLine(int most, Duration patience) throws IOException {
    return read(most, patience, true);
  }

  /**
   * Reads up to the end of the stream, as UTF-8.
   *
   * @throws SocketTimeoutException if that takes longer than {@code patience}
   * @throws IOException if there are more than {@code most} bytes
   */
  public String readAll(int most, Duration patience) throws IOException {
    return read(most, patience, false);
  }

  private String read(int most, Duration patience, boolean line) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    AbstractNames.dontBlock(fd);
    ByteBuffer buffer = ByteBuffer.allocate(Math.max(8192, rest.length)).put(rest);
    boolean fromRest = rest.length > 0;
    rest = NOTHING;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (fromRest || AbstractNames.read(fd, buffer.clear()) >= 0) {
      fromRest = false;
      int length = buffer.flip().remaining();
      for (int i = 0; line && i < length; i++) {
        if (buffer.get(i) == '\n') {
          bytes.write(buffer.array(), 0, i);
          rest = Arrays.copyOfRange(buffer.array(), i + 1, length);
          return bytes.toString(StandardCharsets.UTF_8);
        }
      }
      if (bytes.size() + length > most) {
        throw new IOException("more than " + most + " bytes");
      }
      bytes.write(buffer.array(), 0, length);
      if (length == 0) {
        await(Net.POLLIN, deadline);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /**
   * Writes all of {@code text}, as UTF-8.
   *
   * @throws SocketTimeoutException if that takes longer than {@code patience}
   */
  public void write(String text, Duration patience) throws IOException {
    write(StandardCharsets.UTF_8.encode(text), patience);
  }

  /** As {@link #write(String, Duration)}, what remains in a buffer. */
  public void write(ByteBuffer bytes, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    AbstractNames.dontBlock(fd);
    while (bytes.hasRemaining()) {
      if (AbstractNames.write(fd, bytes) == 0) {
        await(Net.POLLOUT, deadline);
      }
    }
  }

  /**
   * Reads what there is.
   *
   * @return how many bytes, 0 if there are none now, -1 at the end of the stream
   */
  public int read(ByteBuffer dst) throws IOException {
    AbstractNames.dontBlock(fd);
    return AbstractNames.read(fd, dst);
  }

  /** Writes what there is room for; returns how many bytes that were. */
  public int write(ByteBuffer src) throws IOException {
    AbstractNames.dontBlock(fd);
    return AbstractNames.write(fd, src);
  }

  /** Waits until there is something to read, or the time is over. */
  public void awaitReadable(Duration patience) throws IOException {
    SanAccess.poll(fd, Net.POLLIN, patience.toMillis());
  }

  /** Waits until there is room to write, or the time is over. */
  public void awaitWritable(Duration patience) throws IOException {
    SanAccess.poll(fd, Net.POLLOUT, patience.toMillis());
  }

  /** The kernel keeps the condition, so what came true before this call ends it at once. */
  private void await(short events, long deadline) throws IOException {
    long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    if (millis <= 0) {
      throw new SocketTimeoutException("the peer does not go on");
    }
    // A result of 0 may be a signal instead of the deadline: the caller tries again and comes back.
    SanAccess.poll(fd, events, millis);
  }

  /** Ends a blocked {@link #accept} and every one to come; the accepting thread then closes. */
  public void shutdown() throws IOException {
    AbstractNames.shutdown(fd);
  }

  /** Closes the socket. Not to be called while another thread uses it. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      AbstractNames.close(fd);
    }
  }
}
