package io.twinport.it.apps;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;

/**
 * An application's own provider: the JDK's, with a count of the sockets opened. It has to be
 * started with {@code sun.nio.ch} exported, as such providers are.
 */
public final class OwnSelectorProvider extends SelectorProvider {
  private final SelectorProvider jdk;
  private int opened;

  /** Called by the JDK. */
  public OwnSelectorProvider() throws ReflectiveOperationException {
    jdk =
        (SelectorProvider)
            Class.forName("sun.nio.ch.DefaultSelectorProvider").getMethod("get").invoke(null);
  }

  synchronized int opened() {
    return opened;
  }

  @Override
  public DatagramChannel openDatagramChannel() throws IOException {
    return jdk.openDatagramChannel();
  }

  @Override
  public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
    return jdk.openDatagramChannel(family);
  }

  @Override
  public Pipe openPipe() throws IOException {
    return jdk.openPipe();
  }

  @Override
  public AbstractSelector openSelector() throws IOException {
    return jdk.openSelector();
  }

  @Override
  public ServerSocketChannel openServerSocketChannel() throws IOException {
    return jdk.openServerSocketChannel();
  }

  @Override
  public synchronized SocketChannel openSocketChannel() throws IOException {
    opened++;
    return jdk.openSocketChannel();
  }
}
