package io.twinport.nio;

import io.twinport.core.Switch;
import io.twinport.registry.Waiter;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import io.twinport.waiting.Bells;
import io.twinport.waiting.EpollBell;
import io.twinport.waiting.KernelTurn;
import io.twinport.waiting.Past;
import io.twinport.waiting.Sleep;
import io.twinport.waiting.ThreadSeat;
import io.twinport.waiting.WaitPolicy;
import io.twinport.waiting.WaitPolicy.Spun;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import sun.nio.ch.SanSelectorBase;
import sun.nio.ch.SelectionKeyImpl;

/**
 * The JDK's epoll selector, which also sees what is ready on the SAN.
 *
 * <p>Keys, key sets, cancellation and everything about TCP are the JDK's. Until a channel that may
 * use the SAN is registered, a select is the JDK's, too. From then on a select takes what the SAN
 * has, else spins within the wait policy, else arms what it has looked at, says that it is asleep,
 * and waits in the kernel for TCP, its bell and {@link #wakeup}.
 *
 * <p>Which keys it looks at itself is the business of {@link ActiveKeys}; all others are armed.
 *
 * <p>Why no wakeup is lost: see {@link Sleep}. {@link #enqueue} and {@link #wakeup} store what they
 * have to say and then end it.
 */
final class TwinSelector extends SanSelectorBase
    implements WaitPolicy.Spinner, EpollBell.Watcher, Sleep.Alarm {
  private static final long NO_DEADLINE = Long.MAX_VALUE;

  /** Whether changing the interest of a key of a closed selector throws, as it did up to JDK 24. */
  private static final boolean CLOSED_THROWS = Runtime.version().feature() < 25;

  private static final VarHandle WOKEN;
  private static final VarHandle SIGNALS_BEGUN;
  private static final VarHandle SIGNALS_DONE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      WOKEN = lookup.findVarHandle(TwinSelector.class, "woken", boolean.class);
      SIGNALS_BEGUN = lookup.findVarHandle(TwinSelector.class, "signalsBegun", int.class);
      SIGNALS_DONE = lookup.findVarHandle(TwinSelector.class, "signalsDone", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Where providers post to: finds the key and queues it. */
  private final class SelectorSeat extends Seat {
    SelectorSeat(EpollBell bell) {
      super(bell);
    }

    @Override
    public void post(SanTarget target) {
      if (target.attachment() instanceof SanChannel channel) {
        SanKey key = channel.sanKeys().find(TwinSelector.this);
        if (key != null) {
          enqueue(key);
        }
      }
    }
  }

  private final Switch owner;

  // Stored by any thread.
  private volatile boolean sanInUse;
  private volatile boolean woken;
  private final Sleep sleep = new Sleep(this);
  private final ActiveKeys active = new ActiveKeys();

  /** The kernel does not know yet what it is to look for. */
  private volatile boolean kernelOutdated;

  /** Signals to the kernel's wait that were begun, and that are certainly in the kernel. */
  private volatile int signalsBegun;

  private volatile int signalsDone;

  // The selecting thread's, under the JDK's locks.
  private EpollBell bell;

  /** The bell has ended the last sleep, and nobody has asked yet who has rung. */
  private boolean bellUnheard;

  private SelectorSeat seat;
  private long selectNumber;
  private int signalsSeen;
  private boolean processingSan;
  private Thread selecting; // Other threads compare it with themselves, and always differ.
  private boolean wokenByAction;
  private long sleepCount; // For people, who read these without a lock.
  private long wakeCount;
  private long spinCount;
  private final KernelTurn kernel = new KernelTurn();
  private final Past waitRecord = new Past();

  /** A view of the keys, which a selector that is closing does not give any more. */
  private final Set<SelectionKey> allKeys = keys();

  TwinSelector(TwinSelectorProvider provider) throws IOException {
    super(provider);
    owner = provider.owner();
  }

  /** Where the SAN posts to. Known to the selecting thread only. */
  Seat seat() {
    return seat;
  }

  /** For people: what it does now, and has done so far. */
  Waiter waiter() {
    Thread thread = selecting;
    String name = thread == null ? "" : thread.getName();
    return new Waiter(
        Waiter.Kind.SELECTOR, name, sleep.isBegun(), sleepCount, wakeCount, spinCount);
  }

  // -- Keys

  @Override
  protected void implRegister(SelectionKeyImpl key) {
    super.implRegister(key);
    if (key.channel() instanceof SanChannel channel) {
      channel.sanKeys().add(new SanKey(key, channel, this));
    }
  }

  @Override
  public void setEventOps(SelectionKeyImpl key) {
    SanKey sanKey = sanKey(key);
    if (sanKey == null) {
      setInKernel(key);
      return;
    }
    if (CLOSED_THROWS && !isOpen()) {
      throw new ClosedSelectorException();
    }
    if (sanKey.channel.isOnSan()) {
      if (!sanKey.channel.isUnconnected()) { // Its path may be TCP, and most connect first.
        sanInUse = true;
      }
      active.post(sanKey);
    }
    if (sanKey.channel.isInKernel()) {
      setInKernel(key);
    }
  }

  /** Leaves it to the next {@link #selectInKernel}, as the JDK does. */
  private void setInKernel(SelectionKeyImpl key) {
    super.setEventOps(key);
    kernelOutdated = true; // Behind it: a select that takes this back takes the key in.
  }

  private int selectInKernel(Consumer<SelectionKey> action, long millis) throws IOException {
    kernelOutdated = false;
    return super.doSelect(action, millis);
  }

  private SanKey sanKey(SelectionKeyImpl key) {
    return key.channel() instanceof SanChannel channel ? channel.sanKeys().find(this) : null;
  }

  /** Called by the channel when it has become a TCP channel or a SAN channel. */
  void changed(SanKey sanKey) {
    if (!isOpen()) {
      return;
    }
    if (sanKey.channel.isInKernel()) {
      try {
        setInKernel(sanKey.key);
      } catch (ClosedSelectorException e) {
        return; // Closed since the look above; its keys are dead.
      }
    }
    if (sanKey.channel.isOnSan()) {
      sanInUse = true;
    }
    active.post(sanKey);
    wakeIfAsleep(); // A select that is under way takes the key in, be it the kernel's or the SAN's.
  }

  @Override
  protected void implDereg(SelectionKeyImpl key) throws IOException {
    SanKey sanKey = sanKey(key);
    if (sanKey == null || sanKey.channel.isInKernel()) {
      super.implDereg(key); // The others have never been in the kernel's set.
    }
    if (sanKey != null) {
      active.remove(sanKey);
      sanKey.channel.sanKeys().remove(sanKey);
    }
  }

  // -- Events from other threads

  /** Queues a key to be looked at, and wakes the selector if it sleeps. */
  void enqueue(SanKey key) {
    active.post(key);
    // The selecting thread itself, inside a provider's poll, looks at the queue before it sleeps.
    if (selecting != Thread.currentThread()) {
      wakeIfAsleep();
    }
  }

  @Override
  public Selector wakeup() {
    if (selecting == Thread.currentThread() && !selecting.isInterrupted()) {
      wokenByAction = true; // From inside a select: meant for the next one.
    }
    woken = true;
    if (!sanInUse) {
      signalKernel(); // As the JDK: the signal itself ends this select or the next.
    } else {
      wakeIfAsleep();
    }
    return this;
  }

  /** Called behind the store of what the selector has to see when it wakes. */
  private void wakeIfAsleep() {
    VarHandle.fullFence(); // What was stored may be plain, or under a lock that is free again.
    sleep.end();
  }

  @Override
  public void sound() {
    signalKernel();
  }

  /**
   * Ends the kernel's wait. The two counters tell the selector whether a wait that yields nothing
   * may have been ended by this: one that is begun may be in the kernel already, one that is done
   * is.
   */
  private void signalKernel() {
    SIGNALS_BEGUN.getAndAdd(this, 1);
    super.wakeup();
    SIGNALS_DONE.getAndAdd(this, 1);
  }

  // -- Select

  @Override
  protected int doSelect(Consumer<SelectionKey> action, long timeout) throws IOException {
    owner.registry().closeRest();
    selectNumber++;
    selecting = Thread.currentThread();
    long deadline = deadline(timeout);
    try {
      if (!sanInUse && active.isPosted()) {
        takeUnconnected();
      }
      return sanInUse
          ? selectBoth(action, timeout, deadline)
          : selectKernel(action, timeout, deadline);
    } finally {
      selecting = null;
      if (wokenByAction) {
        wokenByAction = false;
      } else if (woken) {
        // Reads what the caller of wakeup has stored before, so its work is seen after this select.
        WOKEN.getAndSet(this, false);
      }
    }
  }

  /**
   * Looks whether somebody waits for a channel that has not begun to connect: it is ready, and no
   * kernel says so. A key whose connect has begun since then stays on the list, as its post may be
   * used up by this. Whoever began it says that the SAN is in use before anybody sleeps.
   */
  private void takeUnconnected() {
    active.takePosted();
    for (int i = active.count() - 1; i >= 0; i--) {
      SanKey key = active.get(i);
      if (!ActiveKeys.isWatched(key, key.key.nioInterestOps())) {
        active.remove(key); // What becomes of it is posted.
      } else if (key.channel.isUnconnected()) {
        sanInUse = true;
      }
    }
  }

  /** The JDK's select, as long as no channel has anything to do with the SAN. */
  private int selectKernel(Consumer<SelectionKey> action, long timeout, long deadline)
      throws IOException {
    long millis = timeout;
    for (; ; ) {
      int done = signalsDone;
      int n;
      sleep.begin();
      try {
        // Behind the store: whoever brings the SAN in after this look finds the selector asleep.
        if (sanInUse) {
          break;
        }
        n = selectInKernel(action, millis);
      } finally {
        sleep.over();
      }
      boolean signalled = signalsBegun != signalsSeen;
      signalsSeen = done;
      if (n != 0 || !signalled || mustReturn(true) || isOver(timeout, deadline)) {
        return n;
      }
      // Signalled by us: a channel of ours has got its descriptor or has come onto the SAN.
      millis = remainingMillis(deadline);
    }
    return selectBoth(action, timeout, deadline);
  }

  private int selectBoth(Consumer<SelectionKey> action, long timeout, long deadline)
      throws IOException {
    boolean blocking = timeout != 0;
    if (seat == null) {
      takeSeat();
    }
    if (bellUnheard) {
      hearBell(true);
    }
    processDeregisterQueue(); // First, as the JDK's: what is closed is not waited for.
    active.takePosted();
    boolean unexplained = false; // The kernel had something that was gone when it was taken.
    for (; ; ) {
      int ready = look();
      if (ready == 0 && !blocking) {
        // A client may be connected of which another thread is about to hear.
        owner.providers().pollAll();
        ready = active.look();
      }
      if (ready > 0 || !blocking || mustReturn(true)) {
        return process(action, ready);
      }
      Spun spun = unexplained ? Spun.IN_VAIN : spin(deadline);
      boolean sleeps = spun == Spun.IN_VAIN;
      spinCount += sleeps ? 0 : 1;
      if (spun == Spun.FOUND || (sleeps && active.armAll())) {
        continue;
      }
      boolean outdated = kernelOutdated;
      int done = signalsDone;
      int n = 0;
      boolean slept = false;
      try {
        slept = sleeps && prepareSleep();
        n = selectInKernel(action, slept ? remainingMillis(deadline) : 0);
      } finally {
        if (sleeps) {
          finishSleep();
        }
      }
      boolean signalled = signalsBegun != signalsSeen;
      signalsSeen = done;
      kernel.seen();
      ready = look();
      if (slept) {
        sleepCount++;
        wakeCount += ready > 0 ? 1 : 0;
      }
      boolean rang = false;
      if (n == 0 && bell != null) {
        if (ready > 0 && slept) {
          bellUnheard = true; // Whoever waits for this select is not to wait for that, too.
        } else {
          rang = hearBell(slept);
        }
      }
      if (n > 0 || isOver(timeout, deadline)) {
        return n + processReady(action, ready);
      }
      if (ready == 0 && slept && !rang && !signalled && kernelIsReady()) {
        // A TCP key is ready that is selected already: the JDK returns 0 then, at once. What is not
        // ready any more was a ring, of which the bell's own set has not been told yet.
        return 0;
      }
      unexplained = !(sleeps || rang || signalled || outdated);
    }
  }

  /** Learns who has rung. Returns whether somebody has. */
  private boolean hearBell(boolean slept) {
    bellUnheard = false;
    boolean rang = bell.drain();
    if (rang && slept) {
      waitRecord.slept(bell.rungFrom());
    }
    return rang;
  }

  private boolean isOver(long timeout, long deadline) {
    return timeout == 0 || (deadline != NO_DEADLINE && System.nanoTime() - deadline >= 0);
  }

  private static long deadline(long timeout) {
    return timeout <= 0
        ? NO_DEADLINE
        : System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.min(timeout, Integer.MAX_VALUE));
  }

  private static long remainingMillis(long deadline) {
    if (deadline == NO_DEADLINE) {
      return -1;
    }
    return Math.max(0, ThreadSeat.millis(Math.max(0, deadline - System.nanoTime())));
  }

  private boolean mustReturn(boolean blocking) {
    return woken || (blocking && Thread.currentThread().isInterrupted());
  }

  private void takeSeat() {
    bell = Bells.take();
    if (bell != null) {
      try {
        bell.sleepIn(this);
      } catch (IOException e) {
        Bells.give(bell);
        bell = null; // A thread of the provider's posts then.
      } catch (RuntimeException | Error e) {
        Bells.give(bell);
        bell = null;
        throw e; // The next select tries again.
      }
    }
    seat = new SelectorSeat(bell);
  }

  /** Looks at all that may be ready; returns how many keys are. */
  private int look() {
    owner.providers().poll(false);
    return active.look();
  }

  /** Polls the kernel if it is its turn or nothing else is ready, then processes the SAN's keys. */
  private int process(Consumer<SelectionKey> action, int ready) throws IOException {
    int n = 0;
    if (ready == 0 || kernelIsDue()) {
      n = selectInKernel(action, 0);
    } else {
      processDeregisterQueue();
    }
    return n + processReady(action, ready);
  }

  private boolean kernelIsDue() {
    kernel.taken();
    boolean due = kernel.isDue();
    if (due) {
      owner.waitPolicy().worked(waitRecord);
      kernel.seen();
    }
    return due;
  }

  private int processReady(Consumer<SelectionKey> action, int ready) throws IOException {
    if (ready == 0) {
      return 0;
    }
    waitRecord.event(System.nanoTime());
    int n = 0;
    processingSan = true;
    try {
      for (int i = 0; i < active.count(); i++) {
        SanKey key = active.get(i);
        if (key.ready != 0 && key.kernelSelect != selectNumber && key.key.isValid()) {
          n += process(key.ready, key.key, action);
        }
      }
    } finally {
      processingSan = false;
    }
    processDeregisterQueue();
    return n;
  }

  /**
   * Called when a key's ready events are translated. If it is the kernel that reports them, notes
   * so, that this select does not report the key twice.
   */
  void reported(SanKeys keys) {
    SanKey key = processingSan ? null : keys.find(this);
    if (key != null) {
      key.kernelSelect = selectNumber;
    }
  }

  // -- Waiting

  /** Spins as the policy allows. */
  private Spun spin(long deadline) throws IOException {
    long most = deadline == NO_DEADLINE ? Long.MAX_VALUE : deadline - System.nanoTime();
    return owner.waitPolicy().spin(this, waitRecord, most);
  }

  @Override
  public boolean kernelIsOutdated() {
    return kernelOutdated;
  }

  @Override
  public boolean somethingToLookAt() {
    if (active.isPosted() || woken || Thread.currentThread().isInterrupted()) {
      return true;
    }
    owner.providers().poll(false);
    return active.isAnyReady();
  }

  /** Says that the selector is asleep; returns false if it must not sleep after all. */
  private boolean prepareSleep() {
    if (bell != null) {
      owner.providers().announceSleep(bell);
    }
    sleep.begin();
    owner.providers().poll(true);
    return !active.isPosted() && !mustReturn(true);
  }

  private void finishSleep() {
    sleep.over();
    if (bell != null) {
      owner.providers().announceAwake(bell);
    }
  }

  @Override
  protected void implClose() throws IOException {
    if (bell != null) {
      bell.leave(); // Before the number of the epoll set is somebody else's.
    }
    super.implClose();
    finishSleep();
    Bells.give(bell);
    bell = null;
    // The JDK deregisters them behind this, but tells nobody.
    for (SelectionKey key : allKeys) {
      SanKey sanKey = sanKey((SelectionKeyImpl) key);
      if (sanKey != null) {
        sanKey.channel.sanKeys().remove(sanKey);
      }
    }
  }
}
