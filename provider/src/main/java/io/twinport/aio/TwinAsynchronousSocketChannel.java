package io.twinport.aio;

import io.twinport.core.PlainFace;
import io.twinport.core.Readiness;
import io.twinport.core.SocketAddresses;
import io.twinport.core.StoredOptions;
import io.twinport.registry.Waiter;
import io.twinport.spi.NetworkEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import sun.nio.ch.Net;
import sun.nio.ch.SanAsynchronousSocket;
import sun.nio.ch.SanCompletion;
import sun.nio.ch.SanPollable;

/**
 * A socket of the switch as an asynchronous channel. What it can't do at once, a thread of its
 * group does later.
 *
 * <p>On the SAN the channel's seat is armed, on TCP its descriptor is in the group's epoll set.
 * Either way an arming counts for one event; so whoever has taken an operation, or has found that
 * none was ready, arms again for what still waits ({@link #watch}).
 *
 * <p>Why no wakeup is lost: an operation is marked as waiting under the lock before {@link #watch}
 * arms for it, and arming looks again, so an event either is seen by that look or comes with a post
 * that finds the mark. Closing changes the state under the lock and then takes what waits.
 */
final class TwinAsynchronousSocketChannel extends SanAsynchronousSocket implements PlainFace.Front {
  private static final Set<SocketOption<?>> OPTIONS = SanCompletion.socketOptions();

  /** Looks at the channel when the SAN has posted. */
  private final class ChannelSeat extends GroupSeat {
    ChannelSeat() {
      super(port);
    }

    @Override
    void look(boolean mayInvokeHere) {
      tellWhatIsLeft(mayInvokeHere);
      int ops;
      synchronized (lock) {
        ops = closed ? 0 : pendingOps();
      }
      int events = ops == 0 ? 0 : Readiness.events(twin.socket, ops);
      boolean hangup = (events & Readiness.HANGUP) != 0;
      boolean writable = (events & (NetworkEvent.WRITE | NetworkEvent.CONNECT)) != 0;
      ready(hangup || (events & NetworkEvent.READ) != 0, hangup || writable, mayInvokeHere);
    }
  }

  /** The member of the group, and who is told of TCP's events. */
  private final class Pollable extends SanPollable {
    @Override
    public void onEvent(int events, boolean mayInvokeHere) {
      boolean failed = (events & (Net.POLLERR | Net.POLLHUP)) != 0;
      boolean readable = failed || (events & Net.POLLIN) != 0;
      ready(readable, failed || (events & Net.POLLOUT) != 0, mayInvokeHere);
    }

    @Override
    public void close() throws IOException {
      TwinAsynchronousSocketChannel.this.close();
    }
  }

  final TwinPort port;

  /** What has to do with paths. */
  final PlainFace twin;

  final GroupSeat seat;
  private final SanPollable pollable = new Pollable();
  private final int member;

  /** Held by any thread that changes what follows, or arms. No transfer and no handler under it. */
  final Object lock = new Object();

  // -- Protected by lock; volatile fields are read without it.
  final Transfer reading;
  final Transfer writing;
  private volatile boolean closed;

  /** TCP's descriptor while it is the group's, or -1. */
  private int tcpFd = -1;

  private final Connecting connecting;

  /** An unconnected channel. */
  static TwinAsynchronousSocketChannel open(TwinPort port, PlainFace twin) throws IOException {
    return inGroup(port, twin, null);
  }

  /** The server's end of a connection that came over the SAN. */
  static TwinAsynchronousSocketChannel accepted(TwinPort port, PlainFace twin) throws IOException {
    try {
      return inGroup(port, twin, twin.socket.remoteAddress());
    } catch (ShutdownChannelGroupException e) {
      throw new IOException(e); // As the JDK, whose accept fails with that.
    }
  }

  private static TwinAsynchronousSocketChannel inGroup(
      TwinPort port, PlainFace twin, InetSocketAddress remote) throws IOException {
    try {
      return new TwinAsynchronousSocketChannel(port, twin, remote);
    } catch (RuntimeException e) {
      twin.close();
      throw e;
    }
  }

  /**
   * @param remote null unless {@code twin} is connected
   * @throws java.nio.channels.ShutdownChannelGroupException if the group is shut down
   */
  private TwinAsynchronousSocketChannel(TwinPort port, PlainFace twin, InetSocketAddress remote) {
    super(port.provider(), port);
    this.port = port;
    this.twin = twin;
    this.seat = new ChannelSeat();
    this.reading = new Reading(this);
    this.writing = new Writing(this);
    this.connecting = new Connecting(this, remote);
    twin.closesBy(this);
    synchronized (lock) { // A group that is shut down right now closes its new member, too.
      this.member = port.join(pollable);
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  void ensureOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  void ensureConnected() {
    if (!connecting.isConnected()) {
      throw new NotYetConnectedException();
    }
  }

  // -- Readiness

  @Override
  public Waiter waiter(int event) {
    synchronized (lock) {
      return (pendingOps() & event) == 0 ? null : Waiter.group();
    }
  }

  /** Sees to it that whatever waits is looked at when it is ready. */
  void watch() {
    synchronized (lock) {
      int ops = closed ? 0 : pendingOps();
      if (ops == 0) {
        return;
      }
      // Under the lock, so that no thread that knows less undoes what another has asked for.
      if (twin.socket.isInKernel()) {
        poll(ops);
        return;
      }
      if (Readiness.arm(twin.socket, ops, seat)) {
        seat.post();
      }
    }
    port.armed();
  }

  private void poll(int ops) {
    if (tcpFd < 0) {
      tcpFd = twin.socket.tcpPath().getFDVal();
      port.addDescriptor(tcpFd, pollable);
    }
    int events = (ops & NetworkEvent.READ) != 0 ? Net.POLLIN : 0;
    if ((ops & ~NetworkEvent.READ) != 0) {
      events |= Net.POLLOUT;
    }
    port.startPolling(tcpFd, events);
  }

  private int pendingOps() {
    return (connecting.isPending() ? NetworkEvent.CONNECT : 0)
        | (reading.isPending() ? NetworkEvent.READ : 0)
        | (writing.isPending() ? NetworkEvent.WRITE : 0);
  }

  /** Completes what can be. If that is a read and a write, the write's handler runs elsewhere. */
  private void ready(boolean readable, boolean writable, boolean mayInvokeHere) {
    boolean read = readable && reading.claim();
    boolean write = writable && writing.claim();
    boolean connect = writable && connecting.claim();
    try {
      if (write) {
        writing.finish(mayInvokeHere && !read);
      }
    } finally { // An Error of the one does not take the other along.
      if (read) {
        reading.finish(mayInvokeHere);
      }
    }
    if (connect) {
      connecting.finish(mayInvokeHere);
    }
    if (!read && !write && !connect) {
      watch();
    }
  }

  /** Has what waits looked at: a change of this end's own making has decided it. */
  void lookAgain() {
    seat.post();
  }

  // -- Connect

  @Override
  public Future<Void> connect(SocketAddress address) {
    return connecting.begin(address, null, null);
  }

  @Override
  @SuppressWarnings("unchecked") // The attachment comes back to its own handler only.
  public <A> void connect(
      SocketAddress address, A attachment, CompletionHandler<Void, ? super A> handler) {
    Objects.requireNonNull(handler, "'handler' is null");
    var unused = connecting.begin(address, attachment, (CompletionHandler<Void, Object>) handler);
  }

  private void tellWhatIsLeft(boolean mayInvokeHere) {
    reading.tellWhatIsLeft(mayInvokeHere);
    writing.tellWhatIsLeft(mayInvokeHere);
    connecting.tellWhatIsLeft(mayInvokeHere);
  }

  // -- Data

  @Override
  public Future<Integer> read(ByteBuffer dst) {
    checkWritable(dst);
    return reading.begin(dst, null, 0, TimeUnit.MILLISECONDS, null, null);
  }

  @Override
  public <A> void read(
      ByteBuffer dst,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Integer, ? super A> handler) {
    checkHandler(handler);
    checkWritable(dst);
    var unused = reading.begin(dst, null, timeout, unit, attachment, handler);
  }

  @Override
  public <A> void read(
      ByteBuffer[] dsts,
      int offset,
      int length,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Long, ? super A> handler) {
    checkHandler(handler);
    ByteBuffer[] buffers = range(dsts, offset, length);
    for (ByteBuffer dst : buffers) {
      checkWritable(dst);
    }
    var unused = reading.begin(null, buffers, timeout, unit, attachment, handler);
  }

  @Override
  public Future<Integer> write(ByteBuffer src) {
    Objects.requireNonNull(src);
    return writing.begin(src, null, 0, TimeUnit.MILLISECONDS, null, null);
  }

  @Override
  public <A> void write(
      ByteBuffer src,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Integer, ? super A> handler) {
    checkHandler(handler);
    Objects.requireNonNull(src);
    var unused = writing.begin(src, null, timeout, unit, attachment, handler);
  }

  @Override
  public <A> void write(
      ByteBuffer[] srcs,
      int offset,
      int length,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Long, ? super A> handler) {
    checkHandler(handler);
    var unused =
        writing.begin(null, range(srcs, offset, length), timeout, unit, attachment, handler);
  }

  private static void checkHandler(CompletionHandler<?, ?> handler) {
    Objects.requireNonNull(handler, "'handler' is null");
  }

  private static void checkWritable(ByteBuffer dst) {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
  }

  private static ByteBuffer[] range(ByteBuffer[] buffers, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffers.length);
    return offset == 0 && length == buffers.length
        ? buffers
        : Arrays.copyOfRange(buffers, offset, offset + length);
  }

  // -- Addresses and options

  @Override
  public AsynchronousSocketChannel bind(SocketAddress local) throws IOException {
    ensureOpen();
    twin.socket.bind(local);
    return this;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    ensureOpen();
    return SocketAddresses.revealed(twin.socket.localAddress());
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    ensureOpen();
    return connecting.remote();
  }

  @Override
  public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    StoredOptions.check(name, OPTIONS);
    synchronized (lock) {
      ensureOpen();
      if (writing.isShut()) {
        throw new IOException("Connection has been shutdown for writing");
      }
    }
    if (value == null) {
      throw new IllegalArgumentException("Invalid option value");
    }
    twin.socket.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    StoredOptions.check(name, OPTIONS);
    ensureOpen();
    return twin.socket.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return OPTIONS;
  }

  // -- Half-close

  @Override
  public AsynchronousSocketChannel shutdownInput() throws IOException {
    ensureOpen();
    ensureConnected();
    reading.shut();
    twin.socket.reader.shutDown();
    lookAgain(); // A read that waits returns -1.
    return this;
  }

  @Override
  public AsynchronousSocketChannel shutdownOutput() throws IOException {
    ensureOpen();
    ensureConnected();
    writing.shut();
    twin.socket.writer.shutDown();
    lookAgain(); // A write that waits fails.
    return this;
  }

  // -- Cancel and close

  /**
   * A cancelled operation may move bytes yet, or connect; so the direction it belongs to is of no
   * use any more.
   *
   * @param operation a transfer, or this channel if a connect is cancelled
   */
  @Override
  protected void cancelled(Object operation) {
    if (operation != writing) {
      reading.kill();
    }
    if (operation != reading) {
      writing.kill();
    }
  }

  @Override
  public void close() throws IOException {
    boolean again;
    synchronized (lock) {
      again = closed;
      closed = true; // Nothing waits behind this that does not wait before.
    }
    if (again) {
      twin.socket.closeRest();
      return;
    }
    try {
      twin.closeAll();
    } catch (RuntimeException | Error e) {
      twin.socket.halfClosed = true; // Stores alone: there may be no stack for a call.
      twin.socket.registry.anyHalfClosed = true;
      throw e;
    }
  }

  @Override
  public void closeAll() throws IOException {
    try {
      leaveKernel(); // Before another channel can have the number.
      twin.socket.close();
    } finally {
      reading.close();
      writing.close();
      connecting.close();
      port.leave(member); // Last: a group that is shut down then ends, and runs no more handlers.
    }
  }

  /** Takes TCP's descriptor from the group, to which {@link #poll} gives it again. */
  void leaveKernel() {
    int fd;
    synchronized (lock) {
      fd = tcpFd;
      tcpFd = -1;
    }
    if (fd >= 0) {
      port.leave(fd);
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("sun.nio.ch.UnixAsynchronousSocketChannelImpl[");
    synchronized (lock) {
      if (!isOpen()) {
        return text.append("closed]").toString();
      }
      text.append(connecting);
      text.append(reading.isShut() ? " ishut" : "").append(writing.isShut() ? " oshut" : "");
      InetSocketAddress local = twin.socket.localAddress();
      if (local != null) {
        text.append(" local=").append(SocketAddresses.revealedText(local));
      }
      if (connecting.remote() != null) {
        text.append(" remote=").append(connecting.remote());
      }
    }
    return text.append(']').toString();
  }
}
