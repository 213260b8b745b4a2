package io.twinport.inproc;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanUnavailableException;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;

/**
 * One end of a connection. Both ends share a lock, which is never held while a seat is posted to.
 */
final class InProcessConnection extends SanConnection {
  /** As much is taken of one write to a peer that is gone. */
  private static final int MOST_UNANSWERED = 128 << 10;

  private enum Outcome {
    PENDING,
    UP,
    REFUSED,
    UNAVAILABLE,
    WITHDRAWN
  }

  private final String name;
  private final Driver driver;
  private final Object wire;
  private final ByteRing in = new ByteRing();
  private final Runnable onClose;
  private InProcessConnection peer;
  private InetSocketAddress local;
  private final InetSocketAddress remote;

  private volatile Outcome outcome;
  private IOException failure;

  /** What the peer has done to this end. */
  private volatile boolean ended;

  private volatile boolean reset;
  private volatile boolean peerGone;

  /** What this end has done. */
  private volatile boolean outputShut;

  private volatile boolean urgentInline;

  private boolean resetReported;
  private boolean resetReportedByWrite;
  private boolean discarded;
  private boolean closed;

  private Seat connectSeat;
  private Seat readSeat;
  private Seat writeSeat;

  /** A client's end whose outcome is open. */
  InProcessConnection(
      String name,
      Driver driver,
      InetSocketAddress local,
      InetSocketAddress remote,
      Runnable onClose) {
    this(name, driver, new Object(), local, remote, onClose, Outcome.PENDING);
  }

  private InProcessConnection(
      String name,
      Driver driver,
      Object wire,
      InetSocketAddress local,
      InetSocketAddress remote,
      Runnable onClose,
      Outcome outcome) {
    this.name = name;
    this.driver = driver;
    this.wire = wire;
    this.local = local;
    this.remote = remote;
    this.onClose = onClose;
    this.outcome = outcome;
  }

  // -- Connect

  /** Makes the server's end and lets the client be connected; null if the client has given up. */
  InProcessConnection establish() {
    Seat seat;
    InProcessConnection server;
    synchronized (wire) {
      if (outcome != Outcome.PENDING) {
        return null;
      }
      server =
          new InProcessConnection(
              name, driver, wire, /* local= */ remote, /* remote= */ local, () -> {}, Outcome.UP);
      server.peer = this;
      peer = server;
      outcome = Outcome.UP;
      seat = connectSeat;
      connectSeat = null;
    }
    driver.post(seat, this);
    return server;
  }

  void fail(IOException why) {
    Seat seat;
    synchronized (wire) {
      if (outcome != Outcome.PENDING) {
        return;
      }
      failure = why;
      outcome = why instanceof SanUnavailableException ? Outcome.UNAVAILABLE : Outcome.REFUSED;
      seat = connectSeat;
      connectSeat = null;
    }
    onClose.run();
    driver.post(seat, this);
  }

  @Override
  public boolean finishConnect() throws IOException {
    switch (outcome) {
      case PENDING:
        return false;
      case UP:
        return true;
      case REFUSED:
        throw new ConnectException(failure.getMessage());
      case UNAVAILABLE:
        throw new SanUnavailableException(((SanUnavailableException) failure).reason());
      default:
        throw new SocketException("Socket closed");
    }
  }

  @Override
  public boolean cancelConnect() {
    synchronized (wire) {
      if (outcome == Outcome.UP) {
        return false;
      }
      if (outcome != Outcome.PENDING) {
        return true;
      }
      outcome = Outcome.WITHDRAWN;
    }
    onClose.run();
    return true;
  }

  @Override
  public String provider() {
    return name;
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return remote;
  }

  // -- Readiness

  @Override
  public int readyEvents(int interest) {
    int ready = 0;
    if (outcome == Outcome.PENDING) {
      return 0;
    }
    if ((interest & NetworkEvent.CONNECT) != 0) {
      ready |= NetworkEvent.CONNECT;
    }
    if (outcome != Outcome.UP) {
      return ready;
    }
    if ((interest & NetworkEvent.READ) != 0 && (in.size() > 0 || ended || reset)) {
      ready |= NetworkEvent.READ;
    }
    if ((interest & NetworkEvent.WRITE) != 0
        && (!peer.in.isFull() || reset || peerGone || outputShut)) {
      ready |= NetworkEvent.WRITE;
    }
    if ((interest & NetworkEvent.CLOSE) != 0 && (reset || (ended && peerGone))) {
      ready |= NetworkEvent.CLOSE;
    }
    return ready;
  }

  @Override
  public int arm(int interest, Seat seat) {
    synchronized (wire) {
      int ready = readyEvents(interest);
      if (ready == 0) {
        if ((interest & NetworkEvent.CONNECT) != 0) {
          connectSeat = seat;
        }
        if ((interest & NetworkEvent.READ) != 0) {
          readSeat = seat;
        }
        if ((interest & NetworkEvent.WRITE) != 0) {
          writeSeat = seat;
        }
      }
      return ready;
    }
  }

  // -- Data

  @Override
  public int read(ByteBuffer dst) throws IOException {
    int n;
    Seat creditSeat = null;
    synchronized (wire) {
      if (in.size() == 0 || !dst.hasRemaining()) {
        if (!dst.hasRemaining()) {
          return 0;
        }
        if (reset && !ended && !resetReportedByWrite) {
          resetReported = true;
          throw new SocketException("Connection reset");
        }
        return ended || reset ? -1 : 0;
      }
      n = in.take(dst);
      creditSeat = peer.writeSeat;
      peer.writeSeat = null;
    }
    driver.post(creditSeat, peer);
    return n;
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    int n;
    Seat dataSeat;
    synchronized (wire) {
      if (outputShut) {
        throw new IOException("Broken pipe");
      }
      if (reset) {
        if (!resetReported && !ended) {
          resetReported = true;
          resetReportedByWrite = true;
          throw new IOException("Connection reset by peer");
        }
        throw new IOException("Broken pipe");
      }
      if (peerGone) {
        if (discarded) {
          throw new IOException("Broken pipe");
        }
        n = Math.min(src.remaining(), MOST_UNANSWERED);
        discarded = n > 0;
        src.position(src.position() + n); // TCP takes it too, and learns from the answer.
        return n;
      }
      n = peer.in.put(src);
      dataSeat = n > 0 ? peer.takeReadSeat() : null;
    }
    driver.post(dataSeat, peer);
    return n;
  }

  private Seat takeReadSeat() {
    Seat seat = readSeat;
    readSeat = null;
    return seat;
  }

  @Override
  public int available() {
    return in.size();
  }

  @Override
  public void takeUrgentInline(boolean inline) {
    urgentInline = inline;
  }

  @Override
  public int writeUrgent(byte b) throws IOException {
    boolean carried = peer.urgentInline || peerGone || reset;
    return carried ? write(ByteBuffer.wrap(new byte[] {b})) : 1;
  }

  // -- Close

  @Override
  public void shutdownOutput() {
    Seat seat;
    synchronized (wire) {
      if (outputShut) {
        return;
      }
      outputShut = true;
      peer.ended = true;
      seat = peer.takeReadSeat();
    }
    driver.post(seat, peer);
  }

  @Override
  public void close() {
    close(false);
  }

  @Override
  public void abort() {
    close(true);
  }

  private void close(boolean abort) {
    Seat reader;
    Seat writer;
    synchronized (wire) {
      if (closed || peer == null) {
        return;
      }
      closed = true;
      outputShut = true;
      if (abort || in.size() > 0) {
        peer.reset = true; // What has arrived before is there to be read.
        peer.ended &= !(abort && peer.in.isFull());
      } else {
        peer.ended = true;
      }
      in.clear();
      peer.peerGone = true;
      reader = peer.takeReadSeat();
      writer = peer.writeSeat;
      peer.writeSeat = null;
    }
    onClose.run();
    driver.post(reader, peer);
    driver.post(writer, peer);
  }

  @Override
  public String toString() {
    return "inproc " + local + " to " + remote + " " + outcome;
  }
}
