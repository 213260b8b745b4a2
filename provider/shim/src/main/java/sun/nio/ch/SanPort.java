package sun.nio.ch;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Makes the JDK's channel groups extensible from outside {@code java.base}: an epoll set, and the
 * members of the group. What the group's threads do is the subclass's business. The JDK's own
 * asynchronous TCP channels can be members. Defined into {@code sun.nio.ch} at run time.
 */
public abstract class SanPort extends Port {
  private static final int MOST_EVENTS = 512;
  private static final int ENOENT = 2;

  /** What happened on a descriptor, to be told to its channel. */
  private static final class Event implements Runnable {
    private final Port.PollableChannel channel;
    private final int events;

    Event(Port.PollableChannel channel, int events) {
      this.channel = channel;
      this.events = events;
    }

    @Override
    public void run() {
      channel.onEvent(events, Invoker.isBoundToAnyGroup());
    }
  }

  private final int epfd;
  private final FileDescriptor epoll; // Names the descriptor without owning it.
  private final long address;

  /** The last number given to a member; negative, as no descriptor is. Under the write lock. */
  private int lastMember;

  protected SanPort(AsynchronousChannelProvider provider, ThreadPool pool) throws IOException {
    super(provider, pool);
    epfd = EPoll.create();
    epoll = IOUtil.newFD(epfd);
    address = EPoll.allocatePollArray(MOST_EVENTS);
  }

  // -- Thread pools

  public static ThreadPool fixedPool(int threads, ThreadFactory factory) {
    return ThreadPool.create(threads, factory);
  }

  /** The pool that all default groups share, as its system properties describe it. */
  public static ThreadPool defaultPool() {
    return ThreadPool.getDefault();
  }

  public final boolean isFixed() {
    return isFixedThreadPool();
  }

  // -- What the JDK asks of a group

  /**
   * Runs a task on one of the threads that wait for events; only for groups whose pool is fixed.
   */
  protected abstract void runOnHandler(Runnable task);

  /** Has all threads that wait for events come to an end. */
  protected abstract void stopHandlers();

  @Override
  final void executeOnHandlerTask(Runnable task) {
    runOnHandler(task);
  }

  @Override
  final void shutdownHandlerTasks() {
    stopHandlers();
  }

  @Override
  final void startPoll(int fd, int events) {
    int errno = EPoll.ctl(epfd, EPoll.EPOLL_CTL_MOD, fd, events | EPoll.EPOLLONESHOT);
    if (errno == ENOENT) {
      errno = EPoll.ctl(epfd, EPoll.EPOLL_CTL_ADD, fd, events | EPoll.EPOLLONESHOT);
    }
    if (errno != 0) {
      throw new AssertionError("epoll_ctl failed (" + errno + ")");
    }
  }

  // -- For the subclass's threads

  /** Has the pool's threads, and the group's own where it has some, run {@code handler}. */
  protected final void startHandlers(Runnable handler) {
    startThreads(handler);
  }

  /** How many threads run the handler. */
  protected final int handlers() {
    return threadCount();
  }

  /**
   * Says that the current thread leaves the handler.
   *
   * @param replace whether another thread has to take its place
   * @return how many threads are left
   */
  protected final int handlerLeaves(Runnable handler, boolean replace) {
    return threadExit(handler, replace);
  }

  /** Says that no completion handler is on the current thread's stack. */
  protected static void resetInvokeCount() {
    Invoker.GroupAndInvokeCount count = Invoker.getGroupAndInvokeCount();
    if (count != null) {
      count.resetInvokeCount();
    }
  }

  /** Lets {@link #await} end, for as long as {@code fd} is readable. */
  public final void watch(int fd, int events) throws IOException {
    int errno = EPoll.ctl(epfd, EPoll.EPOLL_CTL_ADD, fd, events);
    if (errno != 0) {
      throw new IOException("epoll_ctl failed (" + errno + ")");
    }
  }

  /** Takes {@link #watch} back, if it was called. */
  public final void unwatch(int fd) {
    int unused = EPoll.ctl(epfd, EPoll.EPOLL_CTL_DEL, fd, 0);
  }

  /**
   * Waits for events. One thread at a time.
   *
   * @param millis how long; -1 for no end
   * @return the number of events, 0 if a signal has ended the wait
   */
  protected final int await(int millis) throws IOException {
    int n = EPoll.wait(epfd, address, MOST_EVENTS, millis);
    return n == IOStatus.INTERRUPTED ? 0 : n;
  }

  /** Whether {@link #await} would end at once. */
  public final boolean kernelIsReady() throws IOException {
    return Net.poll(epoll, Net.POLLIN, 0) != 0;
  }

  /** Event {@code i} of the last {@link #await}, to be run; null if its channel is gone. */
  protected final Runnable event(int i) {
    long event = EPoll.getEvent(address, i);
    Port.PollableChannel channel;
    fdToChannelLock.readLock().lock();
    try {
      channel = fdToChannel.get(EPoll.getDescriptor(event));
    } finally {
      fdToChannelLock.readLock().unlock();
    }
    return channel == null ? null : new Event(channel, EPoll.getEvents(event));
  }

  /** Gives the epoll set back. Called once, when no thread waits any more. */
  protected final void closeEpoll() throws IOException {
    EPoll.freePollArray(address);
    FileDispatcherImpl.closeIntFD(epfd);
  }

  // -- For channels

  /**
   * Makes a channel a member of the group, which need not have a descriptor.
   *
   * @return the member's number
   * @throws java.nio.channels.ShutdownChannelGroupException if the group is shut down
   */
  public final int join(SanPollable channel) {
    fdToChannelLock.writeLock().lock();
    try {
      do {
        lastMember = lastMember == Integer.MIN_VALUE ? -1 : lastMember - 1;
      } while (fdToChannel.containsKey(lastMember));
      register(lastMember, channel);
      return lastMember;
    } finally {
      fdToChannelLock.writeLock().unlock();
    }
  }

  /** Has the channel, a member, told of events on a descriptor. */
  public final void addDescriptor(int fd, SanPollable channel) {
    fdToChannelLock.writeLock().lock();
    try {
      fdToChannel.put(fd, channel);
    } finally {
      fdToChannelLock.writeLock().unlock();
    }
  }

  /**
   * Takes {@link #join} or {@link #addDescriptor} back. When the last member leaves a group that is
   * shut down, the group ends.
   */
  public final void leave(int id) {
    unregister(id);
  }

  /** Asks for one event. What was asked for the descriptor before no longer counts. */
  public final void startPolling(int fd, int events) {
    startPoll(fd, events);
  }

  /** Runs {@code task} after a time; null if the group ends before that. */
  public final Future<?> runLater(Runnable task, long timeout, TimeUnit unit) {
    return schedule(task, timeout, unit);
  }

  /** Whether the current thread may run a completion handler at once. */
  public final boolean mayInvokeDirect() {
    return Invoker.mayInvokeDirect(Invoker.getGroupAndInvokeCount(), this);
  }

  /**
   * Accepts a connection, without waiting.
   *
   * @return the JDK's own channel, a member of this group, or null if there is no connection
   */
  public final AsynchronousSocketChannel accept(FileDescriptor listening) throws IOException {
    FileDescriptor accepted = new FileDescriptor();
    InetSocketAddress[] remote = new InetSocketAddress[1];
    int n = Net.accept(listening, accepted, remote);
    if (n == IOStatus.UNAVAILABLE || n == IOStatus.INTERRUPTED) {
      return null;
    }
    try {
      return new UnixAsynchronousSocketChannelImpl(this, accepted, remote[0]);
    } catch (IOException e) {
      new SocketDispatcher().close(accepted);
      throw e;
    }
  }
}
