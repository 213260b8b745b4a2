package io.twinport.core;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.Seat;
import java.io.IOException;

/** What whoever waits for a {@link SwitchSocket} without blocking in it asks. */
public final class Readiness {
  /** An event beside those of {@link NetworkEvent}: whatever is asked for is ready. */
  public static final int HANGUP = 1 << 16;

  private static final int BYTES = NetworkEvent.READ | NetworkEvent.WRITE;

  private Readiness() {}

  /** Whether there is something to look at here, now or soon, and not in the kernel alone. */
  public static boolean isOnSan(SwitchSocket socket) {
    return (socket.san != null || socket.isUnconnected() || socket.hasFailed())
        && !socket.inKernel
        && socket.isOpen();
  }

  /**
   * Returns those of the events in {@code interest} that are ready, or {@link #HANGUP}; 0 if TCP is
   * the path. No lock, no system call, unless a connect has its outcome.
   *
   * @param interest of {@link NetworkEvent}'s READ, WRITE and CONNECT
   */
  public static int events(SwitchSocket socket, int interest) {
    if (socket.inKernel || interest == 0) {
      return 0;
    }
    int now = socket.state;
    if (now == SwitchSocket.UNCONNECTED) {
      return HANGUP;
    }
    if (now == SwitchSocket.CONNECTED) {
      if (isShut(socket)) {
        return HANGUP;
      }
      int ready = shutEvents(socket) & interest;
      int wanted = interest & BYTES & ~ready;
      return wanted == 0 ? ready : ready | socket.san.readyEvents(wanted);
    }
    return now == SwitchSocket.PENDING
            && (interest & NetworkEvent.CONNECT) != 0
            && isOutcomeKnown(socket)
        ? NetworkEvent.CONNECT
        : 0;
  }

  private static boolean isOutcomeKnown(SwitchSocket socket) {
    if (!socket.sanUp && !socket.hasFailed()) {
      SanConnection connection = socket.san;
      ConnectAttempt pending = socket.attempt;
      if (connection == null
          || pending == null
          || connection.readyEvents(NetworkEvent.CONNECT) == 0
          || !pending.resolve()) {
        return false;
      }
    }
    return !socket.inKernel;
  }

  /**
   * Arms what {@code interest} needs with {@code seat}. Returns true if something may be ready
   * already; {@link #events} tells then. Takes no lock.
   */
  public static boolean arm(SwitchSocket socket, int interest, Seat seat) {
    int now = socket.state;
    SanConnection connection = socket.san;
    if (now == SwitchSocket.CONNECTED) {
      if (isShut(socket)) {
        return interest != 0;
      }
      int wanted = interest & BYTES;
      return (shutEvents(socket) & interest) != 0
          || (wanted != 0 && connection.arm(wanted, seat) != 0);
    }
    if (now == SwitchSocket.PENDING && (interest & NetworkEvent.CONNECT) != 0) {
      return socket.sanUp
          || socket.hasFailed()
          || (connection != null && connection.arm(NetworkEvent.CONNECT, seat) != 0);
    }
    return now == SwitchSocket.UNCONNECTED && interest != 0;
  }

  /** Whether this end has shut both directions, which the kernel reports to whoever asks at all. */
  private static boolean isShut(SwitchSocket socket) {
    return socket.reader.shut && socket.writer.shut;
  }

  /** What is ready for good because this end has shut it down: the call would not wait. */
  private static int shutEvents(SwitchSocket socket) {
    return (socket.reader.shut ? NetworkEvent.READ : 0)
        | (socket.writer.shut ? NetworkEvent.WRITE : 0);
  }

  /**
   * Has the path be TCP where there still is a choice, for a selector that knows of descriptors
   * alone. Waits for whoever chooses right now.
   *
   * @return TCP's descriptor; -1 if there is none, as the path is the SAN or the socket is closed
   */
  public static int descriptor(SwitchSocket socket, Reason why) throws IOException {
    boolean choosing;
    synchronized (socket.stateLock) {
      choosing =
          socket.isPending() && socket.san == null && socket.tcpPath == null && !socket.hasFailed();
    }
    if (choosing) {
      socket.reader
          .lock(); // Whoever connects has it until there is something to wait for, or none.
      socket.reader.unlock();
    }
    synchronized (socket.stateLock) {
      if (socket.isUnconnected()) {
        socket.reason = why;
        return socket.tcp().getFDVal();
      }
      ConnectAttempt pending = socket.attempt;
      if (pending != null) {
        pending.leaveSan(why);
      }
      if (socket.tcpPath != null) {
        return socket.tcpPath.getFDVal();
      }
      // What was closed before it was connected may have a descriptor yet.
      boolean closed = socket.state > SwitchSocket.CONNECTED;
      return closed && socket.tcp != null ? socket.tcp.getFDVal() : -1;
    }
  }
}
