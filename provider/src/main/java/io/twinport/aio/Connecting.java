package io.twinport.aio;

import io.twinport.core.Readiness;
import io.twinport.core.SocketAddresses;
import io.twinport.core.SwitchSocket;
import io.twinport.jdk.Refusals;
import io.twinport.spi.NetworkEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.concurrent.Future;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanCompletion;

/** How an asynchronous channel connects, and whether it is connected. */
final class Connecting extends Operation<Void> {
  private enum State {
    UNCONNECTED,
    PENDING,
    CONNECTED
  }

  private final TwinAsynchronousSocketChannel channel;
  private final SwitchSocket socket;

  // -- Protected by the channel's lock, and read without it
  private volatile State state;
  private volatile InetSocketAddress remote;

  /**
   * @param remote null unless the channel is connected
   */
  Connecting(TwinAsynchronousSocketChannel channel, InetSocketAddress remote) {
    super(channel, channel.port, channel.seat, channel.lock);
    this.channel = channel;
    this.socket = channel.twin.socket;
    this.remote = remote;
    this.state = remote == null ? State.UNCONNECTED : State.CONNECTED;
  }

  boolean isConnected() {
    return state == State.CONNECTED;
  }

  /** The address given to {@code connect}, or the client's; null while there is no connection. */
  InetSocketAddress remote() {
    return isConnected() ? remote : null;
  }

  @Override
  void ended() {} // The state says what may begin.

  Future<Void> begin(
      SocketAddress address, Object attachment, CompletionHandler<Void, Object> handler) {
    Throwable failure = null;
    Future<Void> future = null;
    if (!channel.isOpen()) {
      failure = new ClosedChannelException();
    } else {
      InetSocketAddress checked = SocketAddresses.checkRemote(address, null);
      enterPending((InetSocketAddress) address);
      boolean parked = false;
      try {
        if (socket.connect(checked, Long.MAX_VALUE, false) || finishesAtOnce()) {
          becomeConnected();
        } else {
          future = handler == null ? SanCompletion.pending(channel, channel) : null;
          tells(handler, attachment, future);
          parkUnlessClosed();
          parked = true;
          channel.watch();
          return future;
        }
      } catch (UnsupportedAddressTypeException e) {
        failure = failed(SanAccess.withoutIPv6(checked.getAddress(), checked.getPort()));
      } catch (Throwable e) {
        if (parked && !claim()) {
          return future; // Whoever has it tells of it.
        }
        failure = failed(e);
      }
    }
    return tellAtOnce(handler, attachment, null, failure);
  }

  private void enterPending(InetSocketAddress address) {
    synchronized (lock) {
      if (state == State.CONNECTED) {
        throw new AlreadyConnectedException();
      }
      if (state == State.PENDING) {
        throw new ConnectionPendingException();
      }
      state = State.PENDING;
      remote = address;
    }
  }

  /** Whether the SAN's outcome is there already, and good. */
  private boolean finishesAtOnce() throws IOException {
    return Readiness.events(socket, NetworkEvent.CONNECT) != 0 && socket.finishConnect();
  }

  private void parkUnlessClosed() throws AsynchronousCloseException {
    synchronized (lock) {
      if (!channel.isOpen()) {
        throw new AsynchronousCloseException();
      }
      park();
    }
  }

  private void becomeConnected() throws AsynchronousCloseException {
    synchronized (lock) {
      if (!channel.isOpen()) {
        throw new AsynchronousCloseException();
      }
      state = State.CONNECTED;
    }
  }

  /** Closes the channel, as the JDK does; returns the exception to be reported. */
  private Throwable failed(Throwable e) {
    Throwable failure =
        e instanceof ClosedChannelException
            ? new AsynchronousCloseException()
            : Refusals.whenAsynchronous(e);
    try {
      channel.close();
    } catch (IOException suppressed) {
      failure.addSuppressed(suppressed);
    }
    return failure;
  }

  /** Goes on with the claimed connect, which may have its outcome; on a thread of the group. */
  void finish(boolean mayInvokeHere) {
    Throwable failure = null;
    boolean parked = false;
    try {
      channel.leaveKernel(); // A connect that fails closes the descriptor: then the number is
      // another's.
      if (!socket.finishConnect()) {
        parkUnlessClosed(); // It is another provider's turn now, or TCP's.
        parked = true;
        channel.watch();
        return;
      }
      becomeConnected();
    } catch (Throwable e) {
      if (parked && !claim()) {
        return; // Whoever has it tells of it.
      }
      failure = failed(e);
    }
    var unused = tell(null, failure, mayInvokeHere);
  }

  @Override
  public String toString() {
    return switch (state) {
      case UNCONNECTED -> "unconnected";
      case PENDING -> "connection-pending";
      case CONNECTED -> "connected";
    };
  }
}
