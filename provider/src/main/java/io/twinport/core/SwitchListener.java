package io.twinport.core;

import io.twinport.config.AddressText;
import io.twinport.config.Log;
import io.twinport.registry.HalfClosed;
import io.twinport.registry.RegisteredListener;
import io.twinport.registry.Registry;
import io.twinport.registry.Waiter;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.Seat;
import io.twinport.waiting.KernelTurn;
import io.twinport.waiting.Past;
import io.twinport.waiting.ThreadSeat;
import io.twinport.waiting.VirtualThreads;
import io.twinport.waiting.WaitPolicy;
import io.twinport.waiting.WaitPolicy.Spun;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import sun.nio.ch.SanAccess;

/**
 * What listens, on TCP and on the SAN beside it: takes arrivals from both, in turns when both have
 * some, and blocks for both at once. What its users see is a {@link ListenerFace}.
 *
 * @param <T> what is accepted
 */
public final class SwitchListener<T> extends HalfClosed
    implements WaitPolicy.Spinner, RegisteredListener {
  /** The longest wait without a bell, for which a process had no descriptor. */
  private static final long LONGEST_BARE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Switch owner;
  private final ListenerFace<T> face;
  private final int tcpFd;

  /** Held by the thread that accepts. */
  private final ChannelLock lock = new ChannelLock();

  // -- Protected by lock

  /** Goes by when TCP was last seen to have no arrivals. */
  private final KernelTurn kernel = new KernelTurn();

  /** Whether TCP had an arrival at the last look: the two then take turns. */
  private boolean tcpArrives;

  private boolean tcpTurn;

  /** For people, who read it without the lock. */
  private boolean asleep;

  /** Held by any thread that changes what follows. No blocking operation under it. */
  private final Object stateLock = new Object();

  // -- Protected by stateLock; volatile fields are read without it.
  private volatile SanListeners twins = SanListeners.none(null);
  private volatile Map<SocketOption<?>, Object> setOptions = Map.of();
  private volatile InetSocketAddress localAddress;

  /** What {@link #listen} is about to open, or was when an Error has ended it; else null. */
  private volatile SanListeners opening;

  private AcceptWait acceptWait;
  private boolean accepting;
  private boolean dropped;
  private volatile boolean closing;
  private final BooleanSupplier isOpen = new Open();

  /** Whose TCP side does not listen yet. */
  public SwitchListener(Switch owner, ListenerFace<T> face) {
    super(owner.registry());
    this.owner = owner;
    this.face = face;
    this.tcpFd = SanAccess.number(face.descriptor());
  }

  /** Whether it is not closed. */
  public boolean isOpen() {
    return !closing;
  }

  @Override
  public InetSocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public Registry.Listener describe(Reason off) {
    SanListeners now = twins;
    InetSocketAddress local = localAddress;
    if (closing || local == null) {
      return null;
    }
    return now.describe(local, off != null ? off : now.held(), waiter());
  }

  /** Who waits to accept. */
  private Waiter waiter() {
    Thread holder = lock.holder();
    return holder != null && accepting ? Waiter.thread(holder, asleep) : face.waiter();
  }

  @Override
  public void refuse(Reason why) {
    twins.refuse(why);
  }

  /** The listeners on the SAN. */
  public SanListeners twins() {
    return twins;
  }

  // -- Options

  /** Remembers an option that was set on TCP, for what is accepted from the SAN. */
  public void inherit(SocketOption<?> name, Object value) {
    synchronized (stateLock) {
      Map<SocketOption<?>, Object> more = new HashMap<>(setOptions);
      more.put(name, value);
      setOptions = Map.copyOf(more);
    }
  }

  /** With SO_REUSEPORT, the kernel may give a connection to another process; the SAN would not. */
  private boolean isPortShared() throws IOException {
    return face.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)
        && face.getOption(StandardSocketOptions.SO_REUSEPORT);
  }

  // -- Listening

  /**
   * Listens on the SAN beside TCP, which listens already: what is thrown is to be told to {@link
   * #without}, and TCP goes on.
   *
   * @param attachment what the listeners' events are about
   */
  public void listen(int backlog, Object attachment) throws IOException {
    InetSocketAddress bound = SanAccess.localAddress(face.descriptor());
    localAddress = bound;
    if (listenOnSan(bound, backlog, attachment)) {
      owner.registry().add(this);
      face.changed();
      if (Log.isLogged(Log.Level.INFO)) {
        tell(bound);
      }
    }
  }

  private void tell(InetSocketAddress bound) {
    Registry.Listener now =
        describe(owner.registry().isOff(bound.getPort()) ? Reason.SWITCHED_OFF : null);
    if (now != null) {
      Reason why = now.reason();
      String path =
          why == null
              ? "tcp+" + String.join("+", now.providers())
              : "tcp, " + why.text() + " (" + why.code() + ")";
      Log.info("listens on " + AddressText.of(bound) + ": " + path);
    }
  }

  /**
   * A thread that blocks in an accept already has seen no listeners here, so it is told to look
   * again: its {@link #begin} is before the post, which it then finds, or behind the store, and
   * then it sees the twins.
   *
   * @return false if this was closed meanwhile
   */
  private boolean listenOnSan(InetSocketAddress bound, int backlog, Object attachment)
      throws IOException {
    // Outside the lock: a provider may have to start, and this may be closed meanwhile.
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
        twins = opened;
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
  public void without(Throwable thrown) throws IOException {
    drop(Reason.PROVIDER_FAILED);
    SanListeners half = opening;
    if (half != null) {
      half.close();
      opening = null;
    }
    Log.warn("no twin for a listener, TCP only: " + Log.cause(thrown));
    face.changed();
  }

  /** Ends listening on the SAN for good, or before it has begun, while TCP goes on. */
  public void drop(Reason reason) {
    SanListeners before;
    synchronized (stateLock) {
      dropped = true;
      before = twins;
      twins = SanListeners.none(reason);
    }
    if (!before.isEmpty()) {
      before.close();
    }
  }

  // -- Accepting

  /** Takes the right to accept; interrupts don't count. */
  public void lock() {
    lock.lock();
  }

  /** As {@link #lock}, within a time; returns whether it was in time. */
  public boolean tryLock(long nanos) {
    return lock.tryLock(nanos);
  }

  /** Gives the right to accept back. */
  public void unlock() {
    lock.unlock();
  }

  /** Waits until no accept is under way. */
  public void awaitNoAccept() {
    lock.lock();
    lock.unlock();
  }

  /** Begins an accept that may block, under the lock. */
  public void begin() throws IOException {
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
      twins.hold(null);
    } catch (IOException e) {
      if (twins.held() == null) {
        Log.warn("new clients of a listener go by TCP, as it can't wait for both: " + Log.cause(e));
      }
      twins.hold(Reason.DESCRIPTORS);
    }
  }

  /** Ends what {@link #begin} has begun, or was to begin. */
  public void end() throws IOException {
    synchronized (stateLock) {
      accepting = false;
      if (closing) {
        releaseWait();
      }
    }
  }

  /**
   * Takes one arrival, and waits for one; between {@link #begin} and {@link #end}.
   *
   * @param nanos how long; {@link Long#MAX_VALUE} for ever
   * @return null if this is closed
   * @throws SocketTimeoutException if nothing arrives in time
   */
  public T accept(long nanos, boolean endsWhenInterrupted) throws IOException {
    long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
    T accepted = tryAccept();
    while (accepted == null && !closing) {
      long left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
      if (left <= 0) {
        throw new SocketTimeoutException("Accept timed out");
      }
      await(left);
      if (endsWhenInterrupted
          && VirtualThreads.isCurrent()
          && Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException();
      }
      accepted = tryAccept();
    }
    return accepted;
  }

  /**
   * Takes one arrival from TCP or the SAN. Returns null if there is none, or when closed; an accept
   * that can wait gets null also if TCP was looked at just now, because {@link #await} looks again
   * before it sleeps.
   */
  public T tryAccept() throws IOException {
    if (closing) {
      return null;
    }
    owner.registry().closeRest();
    if (twins.isEmpty()) {
      return face.acceptTcp();
    }
    boolean due = isTcpDue();
    T accepted = due && isTcpWorthAnAccept() ? fromTcp() : null;
    if (accepted == null) {
      accepted = fromSan();
    }
    if (accepted == null && !accepting) {
      // Clients can be connected before anybody here has looked, and nobody looks again for this.
      owner.providers().pollAll();
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
    return tcpArrives || !twins.isReady() || isTcpReady();
  }

  private boolean isTcpReady() throws IOException {
    boolean ready = SanAccess.poll(face.descriptor(), SanAccess.POLLIN, 0) != 0;
    sawTcp(ready);
    return ready;
  }

  private T fromTcp() throws IOException {
    tcpTurn = false;
    tcpArrives = true; // If it can't be taken, for want of descriptors, the SAN's turn is next.
    T accepted = face.acceptTcp();
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
    SanListeners from = twins;
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
      T accepted = face.acceptSan(connection, setOptions);
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
  private void await(long nanos) throws IOException {
    if (!accepting) {
      throw new AsynchronousCloseException(); // Closed before the accept had begun.
    }
    AcceptWait wait = acceptWait; // Not taken away while this thread accepts.
    if (wait == null) {
      owner.providers().pollAll(); // Of those who have a place already nobody else may hear.
      if (isSanReady()) {
        return;
      }
      // Closing shuts the socket down, which is an event that stays. But by the time that this
      // thread asks for it, the descriptor may be closed, too, and its number another's; so it asks
      // for a while only, and whoever accepts looks at the state again.
      long slice = Math.min(nanos, LONGEST_BARE_WAIT_NANOS);
      if (!VirtualThreads.isCurrent() || !VirtualThreads.awaitReadable(tcpFd, slice, isOpen)) {
        SanAccess.poll(face.descriptor(), SanAccess.POLLIN, ThreadSeat.millis(slice));
      }
      return;
    }
    Past past = Past.ofCurrentThread();
    long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
    Spun spun = twins.isEmpty() ? Spun.IN_VAIN : owner.waitPolicy().spin(this, past, nanos);
    tcpTurn |= spun == Spun.KERNEL;
    long left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
    if (spun == Spun.IN_VAIN && left > 0) {
      asleep = true;
      try {
        past.slept(wait.await(twins, owner.providers(), left, isOpen));
      } finally {
        asleep = false;
      }
      kernel.comesNext(); // It may be TCP that has ended the sleep.
    }
    past.event(System.nanoTime());
  }

  @Override
  public boolean somethingToLookAt() {
    return isSanReady();
  }

  @Override
  public boolean kernelIsReady() throws IOException {
    return isTcpReady();
  }

  private boolean isSanReady() {
    owner.providers().poll(false);
    return twins.isReady() || closing;
  }

  // -- Closing

  /** Closes the SAN's side and then TCP, whose port's next owner needs the name of the twin. */
  @Override
  public void closeAll() throws IOException {
    try {
      closeSan();
      face.closeTcp();
    } finally {
      face.closed();
    }
    owner.registry().remove(this); // Last: there it is found if it is left half closed.
  }

  /**
   * Closes the SAN's side, and wakes whoever blocks. What fails here is not thrown, but an Error.
   * May be called again.
   */
  public void closeSan() {
    SanListeners closed;
    synchronized (stateLock) {
      closing = true;
      closed = twins;
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
          SanAccess.shutdownInput(face.descriptor());
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

  /** Whether there is something to accept from the SAN. */
  public boolean isReady() {
    return twins.isReady();
  }

  /** Arms for arrivals from the SAN; returns whether there is one already. */
  public boolean arm(Seat seat) {
    SanListeners armed = twins;
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
