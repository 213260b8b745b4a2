package io.twinport.contract.support;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;

/** One way to carry connections that the contract tests are run over. */
public interface Transport {
  /** A short name for messages, such as {@code jdk-tcp}. */
  String name();

  /** The provider whose channels and selectors are tested. */
  SelectorProvider provider();

  /** The provider whose asynchronous channels are tested. */
  default AsynchronousChannelProvider asynchronousProvider() {
    return AsynchronousChannelProvider.provider();
  }

  /** A new socket of {@code java.net}, neither bound nor connected. */
  default Socket newSocket() throws IOException {
    return new Socket();
  }

  /** A new socket that connects by way of {@code proxy}, or by way of none. */
  default Socket newSocket(Proxy proxy) throws IOException {
    return new Socket(proxy);
  }

  /** A new server socket of {@code java.net} that is not bound. */
  default ServerSocket newServerSocket() throws IOException {
    return new ServerSocket();
  }

  /**
   * A concrete address with port 0 of the host that listeners are on, for those whose address does
   * not matter.
   */
  default InetSocketAddress bindAddress() {
    return new InetSocketAddress(Addresses.LOOPBACK4, 0);
  }

  /** As {@link #bindAddress}, of the host that sockets connect from. */
  default InetSocketAddress socketAddress() {
    return bindAddress();
  }

  /** As {@link #bindAddress}, of this JVM's host. */
  default InetSocketAddress addressHere() {
    return bindAddress();
  }

  /** Whether connections between channels of {@link #provider} go over a SAN. */
  boolean san();

  /** Whether a listener whose SAN queue is full sends its clients on to TCP. */
  default boolean fullTwinsSendToTcp() {
    return false;
  }

  /** Whether the ends of a connection are in two processes. */
  default boolean twoJvms() {
    return false;
  }

  /** Whether these processes are on two hosts. */
  default boolean twoHosts() {
    return false;
  }

  /**
   * Whether tests that look at one end of a connection look at the accepted end; otherwise at the
   * connecting one. Both ends keep the same contract.
   */
  default boolean nearEndIsAccepted() {
    return false;
  }

  /** The same transport, looked at from the accepted end. */
  default Transport fromAcceptedEnd() {
    Transport outer = this;
    return new Transport() {
      @Override
      public String name() {
        return outer.name() + "-accepted";
      }

      @Override
      public SelectorProvider provider() {
        return outer.provider();
      }

      @Override
      public AsynchronousChannelProvider asynchronousProvider() {
        return outer.asynchronousProvider();
      }

      @Override
      public Socket newSocket() throws IOException {
        return outer.newSocket();
      }

      @Override
      public Socket newSocket(Proxy proxy) throws IOException {
        return outer.newSocket(proxy);
      }

      @Override
      public ServerSocket newServerSocket() throws IOException {
        return outer.newServerSocket();
      }

      @Override
      public InetSocketAddress bindAddress() {
        return outer.bindAddress();
      }

      @Override
      public boolean san() {
        return outer.san();
      }

      @Override
      public boolean fullTwinsSendToTcp() {
        return outer.fullTwinsSendToTcp();
      }

      @Override
      public boolean nearEndIsAccepted() {
        return true;
      }
    };
  }
}
