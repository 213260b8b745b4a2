package io.twinport.core;

import io.twinport.registry.HalfClosed;
import io.twinport.registry.Waiter;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.SocketOption;
import java.util.Map;
import sun.nio.ch.SanAccess;

/** A face that no selector knows and no interrupt closes. */
public final class PlainFace implements SocketFace {
  /** What it is the face of. */
  public final SwitchSocket socket;

  /** Closes what is in front of a face, and the socket by that. */
  public interface Front {
    /** From the begin, or from where an Error has ended it. */
    void closeAll() throws IOException;

    /** As {@link SocketFace#waiter}. */
    default Waiter waiter(int event) {
      return null;
    }
  }

  private final boolean ofSocket;
  private volatile boolean closed;
  private volatile Front front; // Null: the socket itself.

  private PlainFace(Switch owner, boolean ofSocket) {
    this.ofSocket = ofSocket;
    this.socket = new SwitchSocket(owner, this);
  }

  /** Of a {@link java.net.Socket}: blocking, and without a TCP side of its own. */
  public static PlainFace ofSocket(Switch owner) {
    return new PlainFace(owner, true);
  }

  /** Of an asynchronous channel, which never blocks. */
  public static PlainFace ofAsynchronousChannel(Switch owner) {
    return new PlainFace(owner, false);
  }

  /** As {@link SwitchSocket#accepted}. */
  public PlainFace accepted(SanConnection connection, Map<SocketOption<?>, Object> inherited) {
    socket.accepted(connection, inherited);
    return this;
  }

  /** Says who goes on with a close that an Error has ended. */
  public void closesBy(Front whoCloses) {
    front = whoCloses;
  }

  @Override
  public void closeAll() throws IOException {
    closed = true;
    Front whoCloses = front;
    if (whoCloses != null) {
      whoCloses.closeAll();
    } else {
      socket.close();
    }
    socket.unlist();
  }

  @Override
  public Waiter waiter(int event) {
    Front asked = front;
    return asked == null ? null : asked.waiter(event);
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public boolean isBlocking() {
    return ofSocket;
  }

  @Override
  public boolean closesBehindOutput() {
    return ofSocket;
  }

  @Override
  public TcpChannel openTcp() throws IOException {
    return TcpChannel.open(SanAccess.jdksProvider(), null, this);
  }

  /** Where there was no stack for this call, its caller notes that; see {@link HalfClosed}. */
  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      try {
        socket.close();
        if (front == null) {
          socket.unlist(); // Else there is more to close.
        }
      } catch (RuntimeException | Error e) {
        socket.halfClosed = true; // Stores alone: there may be no stack for a call.
        socket.registry.anyHalfClosed = true;
        throw e;
      }
    }
  }
}
