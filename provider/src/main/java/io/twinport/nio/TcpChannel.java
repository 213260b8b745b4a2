package io.twinport.nio;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.SelectableChannel;
import java.nio.channels.spi.SelectorProvider;
import sun.nio.ch.SanTcpChannel;

/** The TCP channel behind a {@link TwinSocketChannel}. */
final class TcpChannel extends SanTcpChannel {
  private final SelectableChannel front;

  static TcpChannel open(SelectorProvider provider, ProtocolFamily family, SelectableChannel front)
      throws IOException {
    return family == null
        ? new TcpChannel(provider, front)
        : new TcpChannel(provider, family, front);
  }

  private TcpChannel(SelectorProvider provider, SelectableChannel front) throws IOException {
    super(provider);
    this.front = front;
  }

  private TcpChannel(SelectorProvider provider, ProtocolFamily family, SelectableChannel front)
      throws IOException {
    super(provider, family);
    this.front = front;
  }

  @Override
  protected boolean keepDescriptor() {
    return front.isRegistered();
  }
}
