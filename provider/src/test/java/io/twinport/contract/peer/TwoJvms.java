package io.twinport.contract.peer;

import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;

/**
 * A transport whose listeners are in the other JVM, and its sockets in this one; looked at from the
 * accepted end it is the other way round.
 */
public final class TwoJvms implements Transport {
  private final Transport here;
  private final OtherJvm peer;
  private final boolean listenersHere;
  private final SelectorProvider provider = new Provider();
  private final AsynchronousChannelProvider asynchronous = new AsynchronousProvider();

  private TwoJvms(Transport here, OtherJvm peer, boolean listenersHere) {
    this.here = here;
    this.peer = peer;
    this.listenersHere = listenersHere;
  }

  /** The other end is what {@code SelectorProvider.provider()} makes in {@code peer}. */
  public static TwoJvms of(Transport here, OtherJvm peer) {
    return new TwoJvms(here, peer, false);
  }

  @Override
  public String name() {
    return here.name() + "-two-jvms" + (listenersHere ? "-accepted" : "");
  }

  @Override
  public SelectorProvider provider() {
    return provider;
  }

  @Override
  public Socket newSocket() throws IOException {
    return listenersHere
        ? new PeerSocket(peer.self().find(process -> new Socket()), null)
        : here.newSocket();
  }

  @Override
  public Socket newSocket(Proxy proxy) throws IOException {
    if (!listenersHere) {
      return here.newSocket(proxy);
    }
    Proxy.Type type = proxy.type();
    SocketAddress address = proxy.address();
    return new PeerSocket(
        peer.self()
            .find(
                process ->
                    new Socket(
                        type == Proxy.Type.DIRECT ? Proxy.NO_PROXY : new Proxy(type, address))),
        null);
  }

  @Override
  public ServerSocket newServerSocket() throws IOException {
    return listenersHere
        ? here.newServerSocket()
        : new PeerServerSocket(peer.self().find(process -> new ServerSocket()), null);
  }

  @Override
  public AsynchronousChannelProvider asynchronousProvider() {
    return asynchronous;
  }

  @Override
  public InetSocketAddress bindAddress() {
    return listenersHere ? addressHere() : addressThere();
  }

  @Override
  public InetSocketAddress socketAddress() {
    return listenersHere ? addressThere() : addressHere();
  }

  @Override
  public InetSocketAddress addressHere() {
    return twoHosts() ? new InetSocketAddress(peer.hosts().here(), 0) : here.bindAddress();
  }

  private InetSocketAddress addressThere() {
    return twoHosts() ? new InetSocketAddress(peer.hosts().there(), 0) : here.bindAddress();
  }

  @Override
  public boolean twoHosts() {
    return peer.hosts() != null;
  }

  @Override
  public boolean san() {
    return here.san();
  }

  @Override
  public boolean fullTwinsSendToTcp() {
    return here.fullTwinsSendToTcp();
  }

  @Override
  public boolean twoJvms() {
    return true;
  }

  @Override
  public boolean nearEndIsAccepted() {
    return listenersHere;
  }

  @Override
  public Transport fromAcceptedEnd() {
    return new TwoJvms(here, peer, true);
  }

  /** Opens one kind of channel in the other JVM and its default group, everything else here. */
  private final class AsynchronousProvider extends AsynchronousChannelProvider {
    @Override
    public AsynchronousChannelGroup openAsynchronousChannelGroup(int threads, ThreadFactory factory)
        throws IOException {
      return here.asynchronousProvider().openAsynchronousChannelGroup(threads, factory);
    }

    @Override
    public AsynchronousChannelGroup openAsynchronousChannelGroup(
        ExecutorService executor, int initialSize) throws IOException {
      return here.asynchronousProvider().openAsynchronousChannelGroup(executor, initialSize);
    }

    @Override
    public AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(
        AsynchronousChannelGroup group) throws IOException {
      return listenersHere
          ? here.asynchronousProvider().openAsynchronousServerSocketChannel(group)
          : new PeerAsynchronousServerSocketChannel(
              this, peer.self().find(process -> AsynchronousServerSocketChannel.open()));
    }

    @Override
    public AsynchronousSocketChannel openAsynchronousSocketChannel(AsynchronousChannelGroup group)
        throws IOException {
      return listenersHere
          ? new PeerAsynchronousSocketChannel(
              this, peer.self().find(process -> AsynchronousSocketChannel.open()))
          : here.asynchronousProvider().openAsynchronousSocketChannel(group);
    }
  }

  /** Opens one kind of channel in the other JVM, everything else here. */
  private final class Provider extends SelectorProvider {
    @Override
    public SocketChannel openSocketChannel() throws IOException {
      return listenersHere
          ? new PeerSocketChannel(
              this, peer.self().find(process -> SelectorProvider.provider().openSocketChannel()))
          : here.provider().openSocketChannel();
    }

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
      return listenersHere
          ? new PeerSocketChannel(
              this,
              peer.self().find(process -> SelectorProvider.provider().openSocketChannel(family)))
          : here.provider().openSocketChannel(family);
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
      return listenersHere
          ? here.provider().openServerSocketChannel()
          : new PeerServerSocketChannel(
              this,
              peer.self().find(process -> SelectorProvider.provider().openServerSocketChannel()));
    }

    @Override
    public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
      return listenersHere
          ? here.provider().openServerSocketChannel(family)
          : new PeerServerSocketChannel(
              this,
              peer.self()
                  .find(process -> SelectorProvider.provider().openServerSocketChannel(family)));
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
      return here.provider().openSelector();
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
      return here.provider().openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
      return here.provider().openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
      return here.provider().openPipe();
    }
  }
}
