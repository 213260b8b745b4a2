package io.twinport.support;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanUnavailableException;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;

/**
 * A provider as one for a network is seen from the client, whose peers say what a test has them
 * say, when it says so.
 */
public final class ScriptedProvider extends IdleProvider {
  private final Predicate<InetAddress> reached;

  /** What peers answer without being told to, or null. */
  private volatile Reason atOnce;

  private volatile boolean starting;

  /** The connects that were begun and that no test has taken. */
  public final BlockingQueue<Attempt> attempts = new LinkedBlockingQueue<>();

  /**
   * @param reached the destinations that it reaches
   */
  public ScriptedProvider(String name, Predicate<InetAddress> reached) {
    super(name);
    this.reached = reached;
  }

  /** Has connects that begin from now on fail before anybody can wait for them. */
  public void answerAtOnce(Reason reason) {
    atOnce = reason;
  }

  /** Has its start take for ever. */
  public void stallStart() {
    starting = true;
  }

  @Override
  public boolean isStarted() {
    return !starting;
  }

  /** A connect without an outcome, until the test gives it one. */
  public final class Attempt extends SanConnection {
    /** The address that the application has bound, or null. */
    public final InetSocketAddress bound;

    private final InetSocketAddress remote;
    private IOException outcome;
    private Seat waiter;
    private boolean withdrawn;
    private boolean takenWhenGivenUp;
    private boolean broken;
    private boolean taken;
    private boolean closed;

    private Attempt(InetSocketAddress remote, InetSocketAddress bound) {
      this.remote = remote;
      this.bound = bound;
    }

    /** The peer has no twin, or does not answer: TCP's turn. */
    public void unavailable(Reason reason) {
      decide(new SanUnavailableException(reason));
    }

    /** The peer's backlog is full. */
    public void refuse() {
      decide(new ConnectException("Connection refused"));
    }

    /** The peer will take the request at the moment at which the client gives it up. */
    public synchronized void takeWhenGivenUp() {
      takenWhenGivenUp = true;
    }

    /** The provider fails; and whoever gives the request up does not know if the peer takes it. */
    public void breakUndecided() {
      synchronized (this) {
        broken = true;
      }
      decide(new ConnectException("Connection timed out"));
    }

    private void decide(IOException how) {
      Seat told;
      synchronized (this) {
        outcome = how;
        told = waiter;
        waiter = null;
      }
      if (told != null) {
        told.post(this);
      }
    }

    public synchronized boolean isWithdrawn() {
      return withdrawn;
    }

    public synchronized boolean isClosed() {
      return closed;
    }

    @Override
    public String provider() {
      return name();
    }

    @Override
    public InetSocketAddress localAddress() {
      return bound;
    }

    @Override
    public InetSocketAddress remoteAddress() {
      return remote;
    }

    @Override
    public synchronized boolean finishConnect() throws IOException {
      if (broken && !withdrawn) {
        throw new IllegalStateException("broken");
      }
      if (outcome != null) {
        throw outcome;
      }
      if (withdrawn) {
        throw new SanUnavailableException(Reason.TIMEOUT);
      }
      return taken;
    }

    @Override
    public synchronized boolean cancelConnect() {
      taken = takenWhenGivenUp;
      withdrawn = !taken;
      return withdrawn;
    }

    @Override
    public synchronized int readyEvents(int interest) {
      return outcome == null ? 0 : interest & NetworkEvent.CONNECT;
    }

    @Override
    public synchronized int arm(int interest, Seat seat) {
      int ready = readyEvents(interest);
      if (ready == 0 && (interest & NetworkEvent.CONNECT) != 0) {
        waiter = seat;
      }
      return ready;
    }

    @Override
    public int read(ByteBuffer dst) {
      throw new AssertionError("not connected");
    }

    @Override
    public int write(ByteBuffer src) {
      throw new AssertionError("not connected");
    }

    @Override
    public int available() {
      throw new AssertionError("not connected");
    }

    @Override
    public synchronized void shutdownOutput() {
      if (!taken) {
        throw new AssertionError("not connected");
      }
    }

    @Override
    public synchronized void close() {
      if (!taken) {
        throw new AssertionError("not connected");
      }
      closed = true;
    }

    @Override
    public void abort() {
      throw new AssertionError("not connected");
    }
  }

  @Override
  public boolean reaches(InetAddress destination) {
    return reached.test(destination);
  }

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local) {
    Attempt attempt = new Attempt(remote, local);
    Reason answer = atOnce;
    if (answer != null) {
      attempt.unavailable(answer);
    } else {
      attempts.add(attempt);
    }
    return attempt;
  }

  @Override
  public String describe() {
    return attempts.size() + " attempts";
  }
}
