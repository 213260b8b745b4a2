package io.twinport.nio;

import io.twinport.core.Readiness;
import io.twinport.core.SocketAddresses;
import io.twinport.core.SocketFace;
import io.twinport.core.StoredOptions;
import io.twinport.core.SwitchSocket;
import io.twinport.core.TcpChannel;
import io.twinport.registry.Waiter;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.Seat;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Set;
import sun.nio.ch.Net;
import sun.nio.ch.SanStream;
import sun.nio.ch.SelectionKeyImpl;

/** A socket of the switch as a channel. */
final class TwinSocketChannel extends SocketChannel implements SanChannel, SanStream, SocketFace {
  final SwitchSocket twin;
  private final ProtocolFamily family;
  private final SanKeys sanKeys = new SanKeys();

  // -- Under the monitor of sanKeys, in which nothing blocks; each idle channel would have one more
  private Socket socket;

  /** Set once, if a selector that is not ours has taken a SAN connection; read without the lock. */
  private volatile ReadinessDescriptor foreign;

  private boolean released;

  /**
   * @param family null for either
   */
  TwinSocketChannel(TwinSelectorProvider provider, ProtocolFamily family) {
    super(provider);
    this.family = family;
    this.twin = new SwitchSocket(provider.owner(), this);
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  // -- What the core asks

  @Override
  public void closeAll() throws IOException {
    twin.close();
    twin.unlist();
  }

  @Override
  public TcpChannel openTcp() throws IOException {
    return TcpChannel.open(provider(), family, this);
  }

  @Override
  public boolean isInterruptible() {
    return true;
  }

  @Override
  public void beginInterruptible() {
    begin();
  }

  @Override
  public void endInterruptible(boolean completed) throws AsynchronousCloseException {
    end(completed);
  }

  @Override
  public void changed() {
    sanKeys.changed();
  }

  @Override
  public Waiter waiter(int event) {
    return sanKeys.waiter(
        event == NetworkEvent.READ
            ? SelectionKey.OP_READ
            : event == NetworkEvent.WRITE
                ? SelectionKey.OP_WRITE
                : event == NetworkEvent.CONNECT ? SelectionKey.OP_CONNECT : 0);
  }

  @Override
  public void released() throws IOException {
    synchronized (sanKeys) {
      released = true;
    }
    ReadinessDescriptor descriptor = foreign;
    if (descriptor != null) {
      descriptor.close();
    }
  }

  // -- Connect and close

  @Override
  public boolean connect(SocketAddress remote) throws IOException {
    return twin.connect(SocketAddresses.checkRemote(remote, family), Long.MAX_VALUE, false);
  }

  /** Connects within a time, SAN and TCP together, for the socket adaptor. */
  void blockingConnect(SocketAddress remote, long nanos) throws IOException {
    twin.connect(SocketAddresses.checkRemote(remote, family), nanos, true);
  }

  @Override
  public boolean finishConnect() throws IOException {
    return twin.finishConnect();
  }

  @Override
  public boolean isConnected() {
    return twin.isConnected();
  }

  @Override
  public boolean isConnectionPending() {
    return twin.isPending();
  }

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    twin.configureBlocking(block);
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    try {
      closeAll();
    } catch (RuntimeException | Error e) {
      twin.halfClosed = true; // Stores alone: there may be no stack for a call.
      twin.registry.anyHalfClosed = true;
      throw e;
    }
  }

  @Override
  public void kill() throws IOException {
    twin.kill();
  }

  // -- Bytes

  @Override
  public int read(ByteBuffer dst) throws IOException {
    return twin.reader.read(dst);
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    return twin.reader.read(dsts, offset, length);
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    return twin.writer.write(src);
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    return twin.writer.write(srcs, offset, length);
  }

  @Override
  public SocketChannel shutdownInput() throws IOException {
    twin.reader.shutDown();
    return this;
  }

  @Override
  public SocketChannel shutdownOutput() throws IOException {
    twin.writer.shutDown();
    return this;
  }

  @Override
  public InputStream newInputStream() {
    return new ChannelInputStream(this, () -> 0);
  }

  @Override
  public OutputStream newOutputStream() {
    return new ChannelOutputStream(this);
  }

  @Override
  public long transferFromFile(FileChannel file, long position, int count) throws IOException {
    if (twin.tcpPath() != null) {
      return twin.writer.write(new FileRegion(file, position, count));
    }
    long total = 0;
    try {
      while (total < count) {
        long n = twin.writer.write(new FileRegion(file, position + total, count - total));
        if (n <= 0) {
          break; // The file is shorter than it was, or there is no credit.
        }
        total += n;
      }
    } catch (IOException e) {
      interrupted(e, file);
      if (total == 0) {
        throw e;
      } // Else, as the JDK, what has been sent is told; the next call fails again.
    }
    return total;
  }

  @Override
  public long transferToFile(FileChannel file, long position, long count) throws IOException {
    if (twin.tcpPath() != null) {
      return -1;
    }
    long total = 0;
    try {
      while (total < count) { // The JDK reads here, and records that.
        long n = twin.reader.read(new FileRegion(file, position + total, count - total));
        if (n <= 0) {
          break; // The end of the stream, or there is nothing.
        }
        total += n;
      }
    } catch (IOException e) {
      interrupted(e, file);
      if (total == 0) {
        throw e;
      }
    }
    return total;
  }

  /** An interrupt in a transfer closes both of its ends. */
  private static void interrupted(IOException e, FileChannel file) throws IOException {
    if (e instanceof ClosedByInterruptException) {
      file.close();
    }
  }

  // -- Addresses and options

  @Override
  public Socket socket() {
    synchronized (sanKeys) {
      if (socket == null) {
        socket = TwinSocket.of(this);
      }
      return socket;
    }
  }

  @Override
  public SocketChannel bind(SocketAddress local) throws IOException {
    twin.bind(local);
    return this;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    ensureOpen();
    return SocketAddresses.revealed(twin.localAddress());
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    ensureOpen();
    return twin.remoteAddress();
  }

  @Override
  public <T> SocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    StoredOptions.check(name, value, supportedOptions());
    twin.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    StoredOptions.check(name, supportedOptions());
    return twin.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return StoredOptions.supported();
  }

  // -- For selectors

  @Override
  public SanKeys sanKeys() {
    return sanKeys;
  }

  @Override
  public boolean isOnSan() {
    return Readiness.isOnSan(twin);
  }

  @Override
  public boolean isUnconnected() {
    return twin.isUnconnected();
  }

  @Override
  public boolean isInKernel() {
    return twin.isInKernel();
  }

  @Override
  public int sanReady(int interestOps) {
    int events = Readiness.events(twin, networkEvents(interestOps));
    return events == 0 ? 0 : pollBits(events);
  }

  @Override
  public boolean sanArm(int interestOps, Seat seat) {
    return Readiness.arm(twin, networkEvents(interestOps), seat);
  }

  private static int networkEvents(int ops) {
    return ((ops & SelectionKey.OP_READ) != 0 ? NetworkEvent.READ : 0)
        | ((ops & SelectionKey.OP_WRITE) != 0 ? NetworkEvent.WRITE : 0)
        | ((ops & SelectionKey.OP_CONNECT) != 0 ? NetworkEvent.CONNECT : 0);
  }

  private static int pollBits(int events) {
    return ((events & NetworkEvent.READ) != 0 ? Net.POLLIN : 0)
        | ((events & NetworkEvent.WRITE) != 0 ? Net.POLLOUT : 0)
        | ((events & NetworkEvent.CONNECT) != 0 ? Net.POLLCONN : 0)
        | ((events & Readiness.HANGUP) != 0 ? Net.POLLHUP : 0);
  }

  /** Null while there is no TCP channel: callers then do without a descriptor. */
  @Override
  public FileDescriptor getFD() {
    TcpChannel path = twin.tcpPath();
    return path == null ? null : path.getFD();
  }

  /**
   * Selectors of ours ask only on TCP; for others there is a descriptor from the first question.
   */
  @Override
  public int getFDVal() {
    TcpChannel path = twin.tcpPath();
    if (path != null) {
      return path.getFDVal();
    }
    try {
      return descriptorForForeignSelector();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // There is no other way out of a selector's update.
    }
  }

  /**
   * A selector that is not ours works best on TCP, so that is chosen where there still is a choice.
   * The number must not change while the selector has the key.
   */
  private int descriptorForForeignSelector() throws IOException {
    int descriptor = Readiness.descriptor(twin, Reason.FOREIGN_SELECTOR);
    if (descriptor >= 0) {
      return descriptor;
    }
    synchronized (sanKeys) {
      if (foreign == null && !released) {
        foreign = new ReadinessDescriptor(this);
        sanKeys.addForeign(foreign);
      }
      return foreign == null ? -1 : foreign.number();
    }
  }

  @Override
  public int translateInterestOps(int ops) {
    return foreign != null ? foreign.translateInterest(ops) : pollBits(networkEvents(ops));
  }

  @Override
  public boolean translateAndUpdateReadyOps(int ops, SelectionKeyImpl key) {
    return translate(ops, key.nioReadyOps(), key);
  }

  @Override
  public boolean translateAndSetReadyOps(int ops, SelectionKeyImpl key) {
    return translate(ops, 0, key);
  }

  private boolean translate(int reported, int initialOps, SelectionKeyImpl key) {
    int interest = key.nioInterestOps();
    boolean ours = foreign == null || key.selector() instanceof TwinSelector;
    int ops = ours ? reported : foreign.ready(interest);
    int before = key.nioReadyOps();
    int now = initialOps;
    if ((ops & Net.POLLNVAL) != 0) {
      return false;
    }
    if ((ops & (Net.POLLERR | Net.POLLHUP)) != 0) {
      now = interest;
    } else {
      boolean connected = isConnected();
      if ((ops & Net.POLLIN) != 0 && connected) {
        now |= interest & SelectionKey.OP_READ;
      }
      if ((ops & Net.POLLCONN) != 0 && isConnectionPending()) {
        now |= interest & SelectionKey.OP_CONNECT;
      }
      if ((ops & Net.POLLOUT) != 0 && connected) {
        now |= interest & SelectionKey.OP_WRITE;
      }
    }
    key.nioReadyOps(now);
    return (now & ~before) != 0;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("java.nio.channels.SocketChannel[");
    if (!isOpen()) {
      return text.append("closed]").toString();
    }
    if (isConnected()) {
      text.append("connected")
          .append(twin.reader.isOpen() ? "" : " ishut")
          .append(twin.writer.isOpen() ? "" : " oshut");
    } else {
      text.append(isConnectionPending() ? "connection-pending" : "unconnected");
    }
    InetSocketAddress local = twin.localAddress();
    if (local != null) {
      text.append(" local=").append(SocketAddresses.revealedText(local));
    }
    if (twin.remoteAddress() != null) {
      text.append(" remote=").append(twin.remoteAddress());
    }
    return text.append(']').toString();
  }
}
