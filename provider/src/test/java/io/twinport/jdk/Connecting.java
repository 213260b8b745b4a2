package io.twinport.jdk;

import io.twinport.contract.support.PlatformSockets;
import io.twinport.core.Switch;
import io.twinport.inproc.InProcessProvider;
import io.twinport.net.SocketImpls;
import io.twinport.nio.TwinSelectorProvider;
import io.twinport.settings.Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;

/** A process with a listener of each kind, which then has its first connections. */
final class Connecting {
  static final String BEGINS = "the first connection begins";
  static final String ENDS = "the last connection has ended";

  private Connecting() {}

  public static void main(String[] args) throws Exception {
    Settings settings = Settings.of(Map.of("providers", "inproc"));
    Switch owner = Switch.of(settings, new InProcessProvider());
    TwinSelectorProvider provider = TwinSelectorProvider.of(owner);
    InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ServerSocketChannel channels = provider.openServerSocketChannel();
    channels.bind(here);
    PlatformSockets platform = new PlatformSockets(server -> SocketImpls.make(owner, server));
    ServerSocket sockets = platform.newServerSocket();
    sockets.bind(here);
    System.out.println(BEGINS);
    SocketChannel channel = provider.openSocketChannel();
    channel.connect(channels.getLocalAddress());
    ByteBuffer byteOfIt = ByteBuffer.allocate(1);
    try (SocketChannel accepted = channels.accept()) {
      channel.write(byteOfIt);
      accepted.read(byteOfIt.clear());
    }
    channel.close();
    Socket socket = platform.newSocket();
    socket.connect(sockets.getLocalSocketAddress());
    try (Socket accepted = sockets.accept()) {
      socket.getOutputStream().write(1);
      accepted.getInputStream().read();
    }
    socket.close();
    System.out.println(ENDS);
  }
}
