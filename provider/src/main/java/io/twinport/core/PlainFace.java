package io.twinport.core;

import io.twinport.registry.HalfClosed;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.SocketOption;
import java.util.Map;
import sun.nio.ch.SanAccess;

/** A face that no selector knows and no interrupt closes. */
public final class PlainFace implements SocketFace {
  /** What it is the face of. */
  public final SwitchSocket socket;

  private final boolean ofSocket;
  private volatile boolean closed;

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
      } catch (RuntimeException | Error e) {
        socket.halfClosed = true; // Stores alone: there may be no stack for a call.
        socket.registry.anyHalfClosed = true;
        throw e;
      }
    }
  }
}
