package io.twinport.contract.channel.adaptor;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Transport;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The base of the tests of sockets that are views of channels. */
public abstract class AdaptorContract extends ContractTest {
  protected AdaptorContract(Transport transport) {
    super(transport);
  }

  /** The oracle's pair, in the same orientation as this transport's. */
  protected final Pair jdkPair() throws Exception {
    try (ServerSocketChannel listener = JdkTransport.PROVIDER.openServerSocketChannel()) {
      listener.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
      SocketChannel connected = closing(JdkTransport.PROVIDER.openSocketChannel());
      connected.connect(listener.getLocalAddress());
      SocketChannel accepted = closing(listener.accept());
      return transport.nearEndIsAccepted()
          ? new Pair(accepted, connected)
          : new Pair(connected, accepted);
    }
  }
}
