package io.twinport.posix;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;

/**
 * A TCP socket with SO_LINGER and more to send than anybody takes: whoever closes it last waits for
 * as long as this object is open. What peers that mean harm send along.
 */
public final class LingeringSocket implements AutoCloseable {
  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_LINGER = 13;
  private static final int LINGER_SECONDS = 1000;
  private static final int BUFFER = 65_536;

  private final ServerSocket nobodyAccepts;
  private final int fd;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread closer;
  private boolean sent;

  public LingeringSocket() throws IOException {
    nobodyAccepts = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    fd = LibC.socket(AF_INET, SOCK_STREAM, 0);
    int port = nobodyAccepts.getLocalPort();
    long memory = Memory.allocate(BUFFER);
    Memory.fill(memory, 16, (byte) 0);
    Memory.putShort(memory, (short) AF_INET);
    Memory.putShort(memory + 2, Short.reverseBytes((short) port));
    Memory.putInt(memory + 4, Integer.reverseBytes(0x7f000001));
    if (LibC.connect(fd, memory, 16) < 0) {
      throw LibC.failed("connect");
    }
    Posix.setBlocking(fd, false);
    while (LibC.write(fd, memory, BUFFER) > 0) {
      // Until there is no room any more.
    }
    Memory.putInt(memory, 1);
    Memory.putInt(memory + 4, LINGER_SECONDS);
    if (LibC.setsockopt(fd, SOL_SOCKET, SO_LINGER, memory, 8) < 0) {
      throw LibC.failed("setsockopt");
    }
    Memory.free(memory);
    closer = new Thread(this::closeWhenSent, "closing");
    closer.setDaemon(true);
    closer.start();
  }

  private void closeWhenSent() {
    try {
      closing.await();
      Posix.close(fd);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public int fd() {
    return fd;
  }

  /** The descriptor is sent: the own one is closed, on a thread of its own if it is the last. */
  public void closeOwn() {
    sent = true;
    closing.countDown();
  }

  /** As {@link #closeOwn}; when this returns, whoever has a duplicate is the last. */
  public void closeOwnNow() throws InterruptedException {
    closeOwn();
    closer.join();
  }

  /** Ends all waits: the connection is reset. */
  @Override
  public void close() throws IOException {
    nobodyAccepts.close();
    if (!sent) {
      closeOwn();
    }
  }
}
