package io.twinport.nio;

import io.twinport.config.Log;
import io.twinport.nio.WaitPolicy.Spun;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.Seat;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import sun.nio.ch.IOUtil;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;

/**
 * What a server channel and a server socket have in common: takes arrivals from TCP and from the
 * SAN, in turns when both have some, and blocks for both at once (SPEC L4 to L6, A6).
 *
 * @param <T> what is accepted
 */
abstract class Acceptor<T> implements WaitPolicy.Spinner {
  /** The longest wait without a bell, for which a process had no descriptor. */
  private static final long LONGEST_BARE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Switch owner;
  private final int tcpFd;
  private final FileDescriptor tcpDescriptor;

  /** Held by the thread that accepts. */
  final ChannelLock lock = new ChannelLock();

  // -- Protected by lock

  /** Goes by when TCP was last seen to have no arrivals. */
  private final KernelTurn kernel = new KernelTurn();

  /** Whether TCP had an arrival at the last look: the two then take turns. */
  private boolean tcpArrives;

  private boolean tcpTurn;

  /** Held by any thread that changes what follows. No blocking operation under it. */
  private final Object stateLock = new Object();

  // -- Protected by stateLock; volatile fields are read without it.
  private volatile SanListeners listeners = SanListeners.none(null);
  private volatile Map<SocketOption<?>, Object> setOptions = Map.of();

  /** What {@link #listen} is about to open, or was when an Error has ended it; else null. */
  private volatile SanListeners opening;

  private AcceptWait acceptWait;
  private boolean accepting;
  private boolean dropped;
  private volatile boolean closing;
  private final BooleanSupplier isOpen = new Open();

  /**
   * @param tcpDescriptor the listening TCP socket, which the caller owns
   */
  Acceptor(Switch owner, FileDescriptor tcpDescriptor) {
    this.owner = owner;
    this.tcpDescriptor = tcpDescriptor;
    this.tcpFd = IOUtil.fdVal(tcpDescriptor);
  }

  /** Takes an arrival from TCP, or returns null. Never blocks. */
  abstract T acceptTcp() throws IOException;

  /** Makes what the application gets of a connection on the SAN. */
  abstract T acceptSan(SanConnection connection, Map<SocketOption<?>, Object> inherited)
      throws IOException;

  // -- Options

  /** The options that the listening TCP socket has. */
  abstract Set<SocketOption<?>> supportedOptions();

  abstract <V> V getOption(SocketOption<V> name) throws IOException;

  abstract <V> void setOnTcp(SocketOption<V> name, V value) throws IOException;

  /** Sets an option that what is accepted inherits, from the SAN as from TCP. */
  final <V> void setOption(SocketOption<V> name, V value) throws IOException {
    setOnTcp(name, value);
    inherit(name, getOption(name));
  }

  /** Remembers an option that was set on the TCP socket. */
  final void inherit(SocketOption<?> name, Object value) {
    synchronized (stateLock) {
      Map<SocketOption<?>, Object> more = new HashMap<>(setOptions);
      more.put(name, value);
      setOptions = Map.copyOf(more);
    }
  }

  /** With SO_REUSEPORT, the kernel may give a connection to another process; the SAN would not. */
  private boolean isPortShared() throws IOException {
    return supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)
        && getOption(StandardSocketOptions.SO_REUSEPORT);
  }

  // -- Listening

  /**
   * Listens on the SAN beside TCP. A thread that blocks in an accept already has seen no listeners
   * here, so it is told to look again: its {@link #begin} is before the post, which it then finds,
   * or behind the store, and then it sees the listeners.
   *
   * @param bound the address TCP listens on
   * @param attachment what the listeners' events are about
   * @return false if the acceptor was closed meanwhile
   */
  final boolean listen(InetSocketAddress bound, int backlog, Object attachment) throws IOException {
    // Outside the lock: a provider may have to start, and the listener may be closed meanwhile.
    SanListeners opened = SanListeners.toBeOpened(owner);
    opening = opened;
    if (isPortShared()) {
      opened = SanListeners.none(Reason.REUSE_PORT);
    } else {
      opened.open(owner, bound, backlog, attachment);
    }
    boolean listening;
    synchronized (stateLock) {
      listening = !closing;
      if (listening && !dropped) {
        listeners = opened;
        opening = null;
        if (accepting && acceptWait != null) {
          acceptWait.post(null);
        }
        return true;
      }
    }
    opened.close();
    return listening;
  }

  /** Goes on with TCP alone, since listening beside it was ended by what was thrown. */
  final void without(Throwable thrown) {
    drop(Reason.PROVIDER_FAILED);
    SanListeners half = opening;
    if (half != null) {
      half.close();
      opening = null;
    }
    Log.warn("no twin for a listener, TCP only: " + Log.cause(thrown));
  }

  final SanListeners listeners() {
    return listeners;
  }

  /** Ends listening on the SAN for good, or before it has begun, while TCP goes on. */
  final void drop(Reason reason) {
    SanListeners before;
    synchronized (stateLock) {
      dropped = true;
      before = listeners;
      listeners = SanListeners.none(reason);
    }
    if (!before.isEmpty()) {
      before.close();
    }
  }

  // -- Accepting

  /** Begins an accept that may block, under {@link #lock}. */
  final void begin() throws IOException {
    synchronized (stateLock) {
      if (closing) {
        return; // The first look at the owner's state ends the accept.
      }
      if (acceptWait == null) {
        openWait();
      }
      // Before the closer can find the seat: a post that is forgotten here is of an older accept.
      if (acceptWait != null) {
        acceptWait.begin();
      }
      accepting = true;
    }
  }

  /**
   * Where the descriptors for it are missing, new clients are sent to TCP, the one thing that can
   * be waited for then. Those who are in the queue are accepted.
   */
  private void openWait() {
    try {
      acceptWait = AcceptWait.open(tcpFd);
      listeners.hold(null);
    } catch (IOException e) {
      if (listeners.held() == null) {
        Log.warn("new clients of a listener go by TCP, as it can't wait for both: " + Log.cause(e));
      }
      listeners.hold(Reason.DESCRIPTORS);
    }
  }

  /** Ends what {@link #begin} has begun, or was to begin. */
  final void end() throws IOException {
    synchronized (stateLock) {
      accepting = false;
      if (closing) {
        releaseWait();
      }
    }
  }

  /**
   * Takes one arrival from TCP or the SAN. Returns null if there is none, or when closed; an accept
   * that can wait gets null also if TCP was looked at just now, because {@link #await} looks again
   * before it sleeps.
   */
  final T tryAccept() throws IOException {
    if (closing) {
      return null;
    }
    owner.registry().closeRest();
    if (listeners.isEmpty()) {
      return acceptTcp();
    }
    boolean due = isTcpDue();
    T accepted = due && isTcpWorthAnAccept() ? fromTcp() : null;
    if (accepted == null) {
      accepted = fromSan();
    }
    if (accepted == null && !due && !(accepting && isTcpSeen())) {
      accepted = fromTcp();
    }
    return accepted;
  }

  private boolean isTcpDue() {
    return tcpArrives ? tcpTurn : kernel.isDue();
  }

  private boolean isTcpSeen() {
    return !tcpArrives && kernel.isSeen();
  }

  /**
   * Where the SAN has an arrival, TCP is only looked at first: an accept in vain makes a socket and
   * throws it away, for the time of several such looks.
   */
  private boolean isTcpWorthAnAccept() throws IOException {
    return tcpArrives || !listeners.isReady() || isTcpReady();
  }

  private boolean isTcpReady() throws IOException {
    boolean ready = SanAccess.poll(tcpDescriptor, Net.POLLIN, 0) != 0;
    sawTcp(ready);
    return ready;
  }

  private T fromTcp() throws IOException {
    tcpTurn = false;
    tcpArrives = true; // If it can't be taken, for want of descriptors, the SAN's turn is next.
    T accepted = acceptTcp();
    sawTcp(accepted != null);
    return accepted;
  }

  private void sawTcp(boolean arrived) {
    tcpArrives = arrived;
    if (!arrived) {
      kernel.seen();
    }
  }

  private T fromSan() throws IOException {
    SanListeners from = listeners;
    SanConnection earlier = from.kept;
    SanConnection connection = earlier != null ? earlier : from.accept();
    if (connection == null) {
      return null;
    }
    tcpTurn = true;
    if (earlier != null) {
      owner.registry().forget(earlier);
    }
    try {
      kernel.taken();
      T accepted = acceptSan(connection, setOptions);
      from.kept = null;
      return accepted;
    } catch (VirtualMachineError e) {
      // No stack or memory was left, and so even an abort may fail: the next accept has it, once.
      from.kept = connection;
      if (earlier != null || closing) {
        connection.abort();
        from.kept = null;
        owner.registry().forget(connection);
      }
      throw e;
    } catch (IOException | RuntimeException | Error e) {
      connection.abort(); // Nobody has it; its peer would wait for ever.
      from.kept = null;
      throw e;
    }
  }

  /**
   * Waits until there may be something to accept, the acceptor is closed, or the time is over.
   *
   * @param nanos how long; {@link Long#MAX_VALUE} for ever
   */
  final void await(long nanos) throws IOException {
    if (!accepting) {
      throw new AsynchronousCloseException(); // Closed before the accept had begun.
    }
    AcceptWait wait = acceptWait; // Not taken away while this thread accepts.
    if (wait == null) {
      // Closing shuts the socket down, which is an event that stays. But by the time that this
      // thread asks for it, the descriptor may be closed, too, and its number another's; so it asks
      // for a while only, and whoever accepts looks at the state again.
      long slice = Math.min(nanos, LONGEST_BARE_WAIT_NANOS);
      if (!VirtualThreads.isCurrent() || !VirtualThreads.awaitReadable(tcpFd, slice, isOpen)) {
        SanAccess.poll(tcpDescriptor, Net.POLLIN, ThreadSeat.millis(slice));
      }
      return;
    }
    Past past = Past.ofCurrentThread();
    long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
    Spun spun = listeners.isEmpty() ? Spun.IN_VAIN : owner.waitPolicy().spin(this, past, nanos);
    tcpTurn |= spun == Spun.KERNEL;
    long left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
    if (spun == Spun.IN_VAIN && left > 0) {
      byte from = wait.await(listeners, owner.providers(), left, isOpen);
      past.slept(from);
      kernel.comesNext(); // It may be TCP that has ended the sleep.
    }
    past.event(System.nanoTime());
  }

  @Override
  public final boolean somethingToLookAt() {
    return isSanReady();
  }

  @Override
  public final boolean kernelIsReady() throws IOException {
    return isTcpReady();
  }

  private boolean isSanReady() {
    owner.providers().poll(false);
    return listeners.isReady() || closing;
  }

  // -- Closing

  /**
   * Closes the SAN's side, and wakes whoever blocks. The TCP socket is still the caller's to close,
   * afterwards: its next owner's twin needs the name. So what fails here is not thrown. May be
   * called again.
   */
  final void close() {
    SanListeners closed;
    synchronized (stateLock) {
      closing = true;
      closed = listeners;
    }
    SanConnection kept = closed.kept;
    closed.close();
    SanListeners half = opening;
    if (half != null) {
      half.close();
    }
    if (kept != null) {
      owner.registry().forget(kept);
    }
    synchronized (stateLock) {
      try {
        if (!accepting) {
          releaseWait();
        } else if (acceptWait != null) {
          acceptWait.post(null);
        } else {
          SanAccess.shutdownInput(tcpDescriptor);
        }
      } catch (IOException e) {
        Log.debug(
            () -> "close of a listener: " + Log.cause(e)); // Who waits looks again by himself.
      }
    }
  }

  private void releaseWait() {
    AcceptWait wait = acceptWait;
    acceptWait = null;
    if (wait != null) {
      wait.close();
    }
  }

  // -- For selectors

  final boolean arm(Seat seat) {
    SanListeners armed = listeners;
    armed.hold(null); // Whoever arms can wait for both.
    return armed.arm(seat);
  }

  /** What a wait looks at when it has been woken. */
  private final class Open implements BooleanSupplier {
    @Override
    public boolean getAsBoolean() {
      return !closing;
    }
  }
}
