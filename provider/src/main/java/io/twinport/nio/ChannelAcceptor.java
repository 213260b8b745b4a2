package io.twinport.nio;

import java.io.IOException;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import java.util.Set;
import sun.nio.ch.SelChImpl;

/** An acceptor whose TCP side is the JDK's own server channel, which is never blocking. */
abstract class ChannelAcceptor<T> extends Acceptor<T> {
  private final ServerSocketChannel tcp;

  ChannelAcceptor(Switch owner, ServerSocketChannel tcp) {
    super(owner, ((SelChImpl) tcp).getFD());
    this.tcp = tcp;
  }

  @Override
  final Set<SocketOption<?>> supportedOptions() {
    return tcp.supportedOptions();
  }

  @Override
  final <V> V getOption(SocketOption<V> name) throws IOException {
    return tcp.getOption(name);
  }

  @Override
  final <V> void setOnTcp(SocketOption<V> name, V value) throws IOException {
    tcp.setOption(name, value);
  }
}
