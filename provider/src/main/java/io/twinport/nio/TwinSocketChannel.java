package io.twinport.nio;

import io.twinport.config.Log;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.Seat;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Set;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SelectionKeyImpl;

/**
 * A socket channel whose path, the SAN or TCP, is decided when it connects. It has no descriptor
 * until TCP turns out to be needed.
 */
final class TwinSocketChannel extends ConnectingChannel implements RegisteredConnection {
  private final SanKeys sanKeys = new SanKeys();

  /** Whether an Error has ended its close. */
  private volatile boolean halfClosed;

  // -- Protected by stateLock
  private boolean accepted;
  private Socket socket;

  /** Set once, if a selector that is not ours has taken a SAN connection; read without the lock. */
  private volatile ReadinessDescriptor foreign;

  TwinSocketChannel(TwinSelectorProvider provider, ProtocolFamily family) {
    this(provider, family, true);
  }

  private TwinSocketChannel(
      TwinSelectorProvider provider, ProtocolFamily family, boolean interruptible) {
    super(provider, family, interruptible);
  }

  /** The part of a {@link java.net.Socket} that is on the SAN. */
  static TwinSocketChannel ofSocket(TwinSelectorProvider provider) {
    return new TwinSocketChannel(provider, null, false);
  }

  /** The server's end of a connection that came over the SAN. */
  static TwinSocketChannel accepted(
      TwinSelectorProvider provider,
      SanConnection connection,
      Map<SocketOption<?>, Object> inherited) {
    return accepted(new TwinSocketChannel(provider, null), connection, inherited);
  }

  /** As {@link #accepted(TwinSelectorProvider, SanConnection, Map)}, for {@link #ofSocket}. */
  static TwinSocketChannel acceptedSocket(
      TwinSelectorProvider provider,
      SanConnection connection,
      Map<SocketOption<?>, Object> inherited) {
    return accepted(ofSocket(provider), connection, inherited);
  }

  private static TwinSocketChannel accepted(
      TwinSocketChannel channel, SanConnection connection, Map<SocketOption<?>, Object> inherited) {
    try {
      SocketAddresses.checkAcceptPermission(connection.remoteAddress());
    } catch (SecurityException e) {
      connection.abort();
      throw e;
    }
    synchronized (channel.stateLock) {
      channel.san = connection;
      channel.sanUp = true;
      channel.accepted = true;
      channel.remoteAddress = connection.remoteAddress();
      channel.state = CONNECTED;
      channel.options.inherit(inherited);
      channel.options.connected(true);
    }
    connection.attach(channel);
    channel.owner.registry().add(channel, true, null);
    return channel;
  }

  // -- Addresses and options

  @Override
  public Socket socket() {
    synchronized (stateLock) {
      if (socket == null) {
        socket = TwinSocket.of(this);
      }
      return socket;
    }
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    synchronized (stateLock) {
      ensureOpen();
      return SocketAddresses.revealed(localAddress());
    }
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    synchronized (stateLock) {
      ensureOpen();
      return remoteAddress;
    }
  }

  /** The local address, also after the channel is closed, or null. */
  InetSocketAddress localAddress() {
    synchronized (stateLock) {
      if (sanUp && tcpPath == null && state >= CONNECTED) {
        return san.localAddress();
      }
      return tcp == null ? null : (InetSocketAddress) tcp.local();
    }
  }

  @Override
  InetSocketAddress remoteAddress() {
    synchronized (stateLock) {
      return remoteAddress;
    }
  }

  @Override
  public <T> SocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    StoredOptions.check(name, value, supportedOptions());
    synchronized (stateLock) {
      ensureOpen();
      if (tcp != null) {
        tcp.setOption(name, value);
      }
      if (tcpPath == null) {
        options.set(name, value);
        if (name.equals(SanAccess.oobInline())) {
          tellUrgentInline();
        }
      }
    }
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    StoredOptions.check(name, supportedOptions());
    synchronized (stateLock) {
      ensureOpen();
      return tcp != null ? tcp.getOption(name) : options.get(name);
    }
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return StoredOptions.supported();
  }

  @Override
  public SocketChannel bind(SocketAddress local) throws IOException {
    reader.lock();
    try {
      writer.lock();
      try {
        synchronized (stateLock) {
          ensureOpen();
          if (state == PENDING) {
            throw new ConnectionPendingException();
          }
          if (localAddress() != null) {
            throw new AlreadyBoundException();
          }
          tcp().bind(local);
        }
      } finally {
        writer.unlock();
      }
    } finally {
      reader.unlock();
    }
    return this;
  }

  // -- Close

  /** Where an Error ends it, stores what has others go on; there may be no stack for a call. */
  @Override
  protected void implCloseSelectableChannel() throws IOException {
    try {
      closeBoth();
    } catch (RuntimeException | Error e) {
      halfClosed = true;
      owner.registry.anyHalfClosed = true;
      throw e;
    }
  }

  @Override
  public void closeRest() throws IOException {
    if (halfClosed) {
      halfClosed = false;
      implCloseSelectableChannel();
    }
  }

  /** Closes what is open still. */
  private void closeBoth() throws IOException {
    boolean connectedOnTcp = state == CONNECTED && tcpPath != null;
    closeSan(isBlocking()); // The peer may have waited for that: what can be done before is.
    TcpChannel behind;
    synchronized (stateLock) {
      behind = tcp;
    }
    if (behind != null) {
      if (connectedOnTcp && isRegistered() && !isBlocking() && behind.isOpen()) {
        shutdownBeforeKill(behind);
      }
      behind.close(); // Keeps the descriptor while a selector has a key; kill() closes it then.
      if (!isRegistered()) {
        behind.releaseDescriptor();
      }
    }
    if (!isRegistered()) {
      closeForeign();
    }
    owner.registry().remove(this); // Last: there it is found if it is left half closed.
  }

  /** The peer sees the end of the stream now, not when the selector next selects. */
  private static void shutdownBeforeKill(TcpChannel tcp) {
    try {
      int linger = tcp.getOption(StandardSocketOptions.SO_LINGER);
      if (linger != 0) {
        if (linger > 0) {
          tcp.setOption(StandardSocketOptions.SO_LINGER, -1);
        }
        tcp.shutdownOutput();
      }
    } catch (IOException e) {
      Log.debug(() -> "shutdown before close: " + Log.cause(e)); // The peer is gone already.
    }
  }

  /** Called by the selector that held the last key. */
  @Override
  public void kill() throws IOException {
    TcpChannel behind;
    synchronized (stateLock) {
      behind = tcp;
    }
    if (behind != null) {
      behind.releaseDescriptor();
    }
    closeForeign();
  }

  private void closeForeign() throws IOException {
    ReadinessDescriptor descriptor = foreign;
    if (descriptor != null) {
      descriptor.close();
    }
  }

  // -- For selectors

  @Override
  public SanKeys sanKeys() {
    return sanKeys;
  }

  @Override
  public boolean isOnSan() {
    return (san != null || connectFailure != null || isUnconnected()) && !inKernel && isOpen();
  }

  @Override
  public boolean isUnconnected() {
    return state == UNCONNECTED;
  }

  @Override
  public boolean isInKernel() {
    return inKernel;
  }

  @Override
  public int sanReady(int interestOps) {
    if (inKernel) {
      return 0;
    }
    int now = state;
    if (now == UNCONNECTED) {
      return interestOps == 0 ? 0 : Net.POLLHUP;
    }
    if (now == CONNECTED) {
      if (isShut()) {
        return interestOps == 0 ? 0 : Net.POLLHUP;
      }
      int ready = shutEvents(interestOps);
      int wanted = wanted(interestOps) & ~ready;
      if (wanted != 0) {
        ready |= san.readyEvents(wanted);
      }
      return pollBits(ready);
    }
    if (now == PENDING && (interestOps & SelectionKey.OP_CONNECT) != 0 && outcomeIsKnown()) {
      return Net.POLLCONN;
    }
    return 0;
  }

  private boolean outcomeIsKnown() {
    if (!sanUp && connectFailure == null) {
      SanConnection connection = san;
      if (connection == null || connection.readyEvents(NetworkEvent.CONNECT) == 0 || !resolve()) {
        return false;
      }
    }
    return !inKernel;
  }

  @Override
  public boolean sanArm(int interestOps, Seat seat) {
    int now = state;
    SanConnection connection = san;
    if (now == CONNECTED) {
      int wanted = wanted(interestOps);
      if (isShut()) {
        return interestOps != 0;
      }
      return shutEvents(interestOps) != 0 || (wanted != 0 && connection.arm(wanted, seat) != 0);
    }
    if (now == PENDING && (interestOps & SelectionKey.OP_CONNECT) != 0) {
      return sanUp
          || connectFailure != null
          || (connection != null && connection.arm(NetworkEvent.CONNECT, seat) != 0);
    }
    return now == UNCONNECTED && interestOps != 0;
  }

  /** Whether this end has shut both directions, which the kernel reports to whoever asks at all. */
  private boolean isShut() {
    return reader.shut && writer.shut;
  }

  /** What is ready for good because this end has shut it down: the call would not wait. */
  private int shutEvents(int interestOps) {
    int events = 0;
    if (reader.shut && (interestOps & SelectionKey.OP_READ) != 0) {
      events |= NetworkEvent.READ;
    }
    if (writer.shut && (interestOps & SelectionKey.OP_WRITE) != 0) {
      events |= NetworkEvent.WRITE;
    }
    return events;
  }

  private static int wanted(int interestOps) {
    int events = 0;
    if ((interestOps & SelectionKey.OP_READ) != 0) {
      events |= NetworkEvent.READ;
    }
    if ((interestOps & SelectionKey.OP_WRITE) != 0) {
      events |= NetworkEvent.WRITE;
    }
    return events;
  }

  private static int pollBits(int events) {
    int bits = 0;
    if ((events & NetworkEvent.READ) != 0) {
      bits |= Net.POLLIN;
    }
    if ((events & NetworkEvent.WRITE) != 0) {
      bits |= Net.POLLOUT;
    }
    return bits;
  }

  /** Null while there is no TCP channel: callers then do without a descriptor. */
  @Override
  public FileDescriptor getFD() {
    TcpChannel path = tcpPath;
    return path == null ? null : path.getFD();
  }

  /**
   * Selectors of ours ask only on TCP; for others there is a descriptor from the first question.
   */
  @Override
  public int getFDVal() {
    TcpChannel path = tcpPath;
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
    synchronized (stateLock) {
      if (!isChoosingPath()) {
        return lockedDescriptor();
      }
    }
    reader.lock(); // Whoever connects has it until there is a connection to wait for, or none.
    reader.unlock();
    synchronized (stateLock) {
      return lockedDescriptor();
    }
  }

  private int lockedDescriptor() throws IOException {
    if (state == UNCONNECTED) {
      reason = Reason.FOREIGN_SELECTOR;
      return tcp().getFDVal();
    }
    leaveSan(Reason.FOREIGN_SELECTOR);
    if (tcpPath != null) {
      return tcpPath.getFDVal();
    }
    if (foreign == null && state <= CONNECTED) {
      foreign = new ReadinessDescriptor(this);
      sanKeys.addForeign(foreign);
    }
    if (foreign != null) {
      return foreign.number();
    }
    return tcp == null ? -1 : tcp.getFDVal(); // Closed before it was connected.
  }

  @Override
  public int translateInterestOps(int ops) {
    if (foreign != null) {
      return foreign.translateInterest(ops);
    }
    int bits = pollBits(wanted(ops));
    return (ops & SelectionKey.OP_CONNECT) != 0 ? bits | Net.POLLCONN : bits;
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

  // -- For the registry and the adaptor

  @Override
  void begun() {
    owner.registry().began(this);
  }

  @Override
  void announce() {
    owner.registry().add(this, false, isTcp() ? reason() : null);
  }

  /** Sends a byte of urgent data, which counts only at a peer that takes it into the stream. */
  int sendUrgent(byte b) throws IOException {
    TcpChannel path = tcpPath;
    if (path != null) {
      ensureOpen();
      return path.sendUrgent(b);
    }
    ensureOpen();
    if (state != CONNECTED || san == null) {
      throw new NotYetConnectedException();
    }
    return writeUrgentOnSan(b);
  }

  boolean isTcp() {
    return tcpPath != null;
  }

  @Override
  public Registry.Connection describe() {
    InetSocketAddress local = localAddress();
    if (!isOpen() || !isConnected() || local == null) {
      return null;
    }
    if (isTcp()) {
      return Registry.Connection.onTcp(local, remoteAddress(), accepted, reason());
    }
    SanConnection connection = san;
    return new Registry.Connection(
        local,
        remoteAddress(),
        connection.provider(),
        accepted,
        connection.available(),
        connection.unreadByPeer(),
        /* reason= */ null);
  }

  boolean isOf(SanConnection connection) {
    return san == connection;
  }

  /** Why a channel on TCP is not on the SAN; null if it is on the SAN. */
  Reason reason() {
    synchronized (stateLock) {
      return reason;
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("java.nio.channels.SocketChannel[");
    if (!isOpen()) {
      return text.append("closed]").toString();
    }
    synchronized (stateLock) {
      text.append(
          state == UNCONNECTED
              ? "unconnected"
              : state == PENDING ? "connection-pending" : "connected");
      if (state == CONNECTED) {
        text.append(isInputOpen() ? "" : " ishut").append(isOutputOpen() ? "" : " oshut");
      }
      if (localAddress() != null) {
        text.append(" local=").append(SocketAddresses.revealedText(localAddress()));
      }
      if (remoteAddress != null) {
        text.append(" remote=").append(remoteAddress);
      }
    }
    return text.append(']').toString();
  }
}
