package io.twinport.core;

import io.twinport.config.Log;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.spi.SelectorProvider;
import sun.nio.ch.SanTcpChannel;

/** The JDK's TCP channel behind a socket of the switch. */
public final class TcpChannel extends SanTcpChannel {
  private final SocketFace front;

  /**
   * Opens an unconnected channel.
   *
   * @param family null for either
   * @param front keeps the descriptor while it is registered
   */
  public static TcpChannel open(SelectorProvider provider, ProtocolFamily family, SocketFace front)
      throws IOException {
    return family == null
        ? new TcpChannel(provider, front)
        : new TcpChannel(provider, family, front);
  }

  private TcpChannel(SelectorProvider provider, SocketFace front) throws IOException {
    super(provider);
    this.front = front;
  }

  private TcpChannel(SelectorProvider provider, ProtocolFamily family, SocketFace front)
      throws IOException {
    super(provider, family);
    this.front = front;
  }

  @Override
  protected boolean keepDescriptor() {
    return front.isRegistered();
  }

  /**
   * Has the peer see the end of the stream now, not when the selector lets go of the descriptor.
   */
  void endOutput() {
    try {
      int linger = getOption(StandardSocketOptions.SO_LINGER);
      if (linger != 0) {
        if (linger > 0) {
          setOption(StandardSocketOptions.SO_LINGER, -1);
        }
        shutdownOutput();
      }
    } catch (IOException e) {
      Log.debug(() -> "shutdown before close: " + Log.cause(e)); // The peer is gone already.
    }
  }
}
