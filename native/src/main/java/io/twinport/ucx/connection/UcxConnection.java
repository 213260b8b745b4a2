package io.twinport.ucx.connection;

import io.twinport.host.Faults;
import io.twinport.posix.Memory;
import io.twinport.spi.ConnectionNumbers;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import io.twinport.spi.Seat;
import io.twinport.ucx.pipe.Chunk;
import io.twinport.ucx.pipe.Pipe;
import io.twinport.ucx.pipe.PipeDriver;
import io.twinport.ucx.stream.Frames;
import io.twinport.ucx.stream.UcxStreams;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One end of a connection: how it comes to be and how it ends.
 *
 * <p>The monitor guards the phase; it is held for a few instructions, never while waiting, and
 * taken inside the {@link PipeDriver}'s lock if both are.
 */
public final class UcxConnection extends UcxStreams {
  /** How long a peer may leave an end without an answer: as long as TCP keeps orphans. */
  private static final long LINGER_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** Phases grow. */
  private enum Phase {
    /** A client's end that has no verdict, and perhaps no pipe, yet. */
    DIALLING,
    /** The connect has failed, with {@code failure}. */
    FAILED,
    CONNECTED,
    /** Closed here. */
    CLOSED
  }

  private final InetSocketAddress remote;
  private final boolean server;

  // guarded by this for writing
  private volatile Phase phase;
  private IOException failure;
  private int lastFrame;
  private volatile InetSocketAddress local;

  /** Who waits for the outcome of the connect. */
  private volatile Seat connectSeat;

  // with the driver's lock held
  private Consumer<IOException> outcome;
  private int connectMillis;

  /** Of the connect, and then of the end. */
  private PipeDriver.Timer timer;

  /** The verdict, if it has arrived in pieces; 0 otherwise. */
  private long verdict;

  private int verdictBytes;

  /** A client's end, not connected. */
  public UcxConnection(InetSocketAddress remote) {
    this.remote = remote;
    server = false;
    phase = Phase.DIALLING;
  }

  /** A server's end, connected. Lock held. */
  public UcxConnection(
      PipeDriver driver, Pipe pipe, InetSocketAddress local, InetSocketAddress remote) {
    this.remote = remote;
    this.local = local;
    server = true;
    phase = Phase.CONNECTED;
    open(driver, pipe);
  }

  // -- connecting

  /**
   * There is a pipe: asks the server for a connection. Lock held.
   *
   * @param millis how long the server may take to answer
   * @param whenDecided is given what the connect has failed with, or null, with the lock held; not
   *     called if the application gives the connect up
   * @return false if it was given up already; the pipe is then not used
   */
  public boolean dialled(
      PipeDriver aDriver, Pipe aPipe, int millis, Consumer<IOException> whenDecided) {
    synchronized (this) {
      if (phase != Phase.DIALLING) {
        return false;
      }
      open(aDriver, aPipe);
    }
    outcome = whenDecided;
    connectMillis = millis;
    Chunk hello = aDriver.chunks().take();
    if (hello == null) {
      decide(noChunk());
      return true;
    }
    Handshake.putHello(hello);
    aPipe.send(hello);
    timer = aDriver.schedule(TimeUnit.MILLISECONDS.toNanos(millis), this::timedOut);
    return true;
  }

  private static SanUnavailableException noChunk() {
    return new SanUnavailableException(
        Reason.PROVIDER_FAILED, "ucx: the send buffers are all in use");
  }

  private void timedOut() {
    decide(
        new SanUnavailableException(
            Reason.TIMEOUT,
            Reason.TIMEOUT.text()
                + " ("
                + connectMillis
                + " ms; twinport.connect-millis sets how long it may take)"));
  }

  /** Ends a connect that has got no pipe. Any thread, without the lock. */
  public void fail(IOException why) {
    if (leaveDialling(Phase.FAILED, Faults.forSwitch(why))) {
      Seat waiter = connectSeat;
      if (waiter != null) {
        waiter.post(this);
      }
      attend();
    }
  }

  private synchronized boolean leaveDialling(Phase to, IOException why) {
    if (phase != Phase.DIALLING) {
      return false;
    }
    failure = why;
    phase = to;
    return true;
  }

  /**
   * The outcome of the connect. Lock held.
   *
   * @param why null if the server will have it
   */
  private void decide(IOException why) {
    if (!leaveDialling(why == null ? Phase.CONNECTED : Phase.FAILED, why)) {
      return; // given up; whoever did so attends
    }
    endConnect();
    if (why != null) {
      abortPipe();
    }
    driver.post(connectSeat, this);
    outcome.accept(why);
  }

  private void endConnect() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (verdict != 0) {
      Memory.free(verdict);
      verdict = 0;
    }
  }

  @Override
  public void received(long address, int length) {
    if (phase != Phase.DIALLING) {
      if (phase != Phase.FAILED) {
        super.received(address, length);
      }
      return;
    }
    int count = Math.min(length, Handshake.VERDICT_BYTES - verdictBytes);
    if (count == Handshake.VERDICT_BYTES) {
      judged(address);
    } else {
      if (verdict == 0) {
        verdict = Memory.allocate(Handshake.VERDICT_BYTES);
      }
      Memory.copy(address, verdict + verdictBytes, count);
      verdictBytes += count;
      if (verdictBytes == Handshake.VERDICT_BYTES) {
        judged(verdict);
      }
    }
    if (count < length && phase == Phase.CONNECTED) {
      super.received(address + count, length - count);
    }
  }

  private void judged(long message) {
    if (!Handshake.isOurs(message)) {
      decide(new SanUnavailableException(Reason.NO_TWIN));
    } else if (!Handshake.isVersionSpoken(message)) {
      decide(new SanUnavailableException(Reason.WIRE_VERSION));
    } else {
      switch (Handshake.verdict(message)) {
        case Handshake.OK -> {
          peerPid(Handshake.serversPid(message));
          confirm(Handshake.client(message));
        }
        case Handshake.REFUSED -> decide(new ConnectException("Connection refused"));
        default -> decide(new SanUnavailableException(Handshake.reason(message)));
      }
    }
  }

  /** Once this is sent the server may accept; until then nobody but the client has decided. */
  private void confirm(InetSocketAddress own) {
    Chunk confirm = own == null ? null : driver.chunks().take();
    if (confirm == null) {
      decide(
          own == null
              ? new SanUnavailableException(
                  Reason.PROVIDER_FAILED, "ucx: the server sent no proper address")
              : noChunk());
      return;
    }
    local = own;
    decide(null);
    if (phase == Phase.FAILED) {
      confirm.giveBack();
      return;
    }
    // A write that another thread makes by now is sent behind this: that takes the lock.
    Handshake.putConfirm(confirm);
    pipe.send(confirm);
  }

  @Override
  public boolean finishConnect() throws IOException {
    switch (phase) {
      case CONNECTED:
        return true;
      case FAILED:
        throw failure;
      case CLOSED:
        throw new SanUnavailableException(Reason.TIMEOUT);
      default:
        return false;
    }
  }

  /**
   * The client's own decision: it has not confirmed, and will not, so the server never accepts the
   * request.
   */
  @Override
  public boolean cancelConnect() {
    if (leaveDialling(Phase.FAILED, new SanUnavailableException(Reason.TIMEOUT))) {
      attend();
      return true;
    }
    return phase != Phase.CONNECTED;
  }

  // -- waiting

  @Override
  public int readyEvents(int interest) {
    switch (phase) {
      case DIALLING:
        return 0;
      case FAILED:
        return interest & NetworkEvent.CONNECT;
      case CONNECTED:
        return (interest & NetworkEvent.CONNECT) | streamEvents(interest);
      default:
        return interest;
    }
  }

  @Override
  public int arm(int interest, Seat seat) {
    if ((interest & NetworkEvent.CONNECT) != 0) {
      // stored before the look at the phase; the phase is stored before the look for the seat
      connectSeat = seat;
    }
    armStreams(interest, seat);
    return readyEvents(interest);
  }

  @Override
  public int available() {
    return phase == Phase.CONNECTED ? unread() : 0;
  }

  @Override
  public int unreadByPeer() {
    return phase == Phase.CONNECTED ? unsentOrUnread() : 0;
  }

  /** Whether it was closed here, and the peer has not closed. Driver's lock held. */
  public boolean isClosing() {
    return phase == Phase.CLOSED && !isPipeDone();
  }

  @Override
  public ConnectionNumbers numbers() {
    Phase now = phase;
    boolean closed = now == Phase.CLOSED;
    return driver != null && (closed || now == Phase.CONNECTED) ? numbers(server, closed) : null;
  }

  // -- ending

  @Override
  public void shutdownOutput() {
    if (phase == Phase.CONNECTED) {
      finish();
      attend();
    }
  }

  @Override
  public void close() {
    close(false);
  }

  @Override
  public void abort() {
    close(true);
  }

  private void close(boolean reset) {
    if (cancelConnect()) {
      return;
    }
    synchronized (this) {
      if (phase != Phase.CONNECTED) {
        return;
      }
      lastFrame = reset ? Frames.RESET : Frames.CLOSE;
      phase = Phase.CLOSED;
    }
    attend();
  }

  @Override
  protected void attendNow() {
    if (phase == Phase.FAILED) {
      endConnect();
      abortPipe();
      return;
    }
    if (phase == Phase.CLOSED) {
      end(lastFrame);
    }
    flush();
    if (phase == Phase.CLOSED && isEndSent() && !isPipeDone() && timer == null) {
      timer = driver.schedule(LINGER_NANOS, this::abortPipe);
    }
  }

  @Override
  public void ended(IOException why) {
    super.ended(why);
    if (phase == Phase.DIALLING) {
      decide(
          why instanceof SanUnavailableException
              ? why
              : new SanUnavailableException(Reason.PEER_GONE));
    }
  }

  @Override
  public void quiet() {
    // before, the verdict is all there is to wait for, and frames mean nothing
    if (phase == Phase.CONNECTED || (phase == Phase.CLOSED && !isEndSent())) {
      sayAlive();
    }
  }

  @Override
  protected void pipeEnded() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return remote;
  }

  @Override
  public String toString() {
    return "connection " + local + " → " + remote;
  }
}
