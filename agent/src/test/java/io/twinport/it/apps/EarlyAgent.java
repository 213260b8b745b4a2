package io.twinport.it.apps;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;

/** An agent that uses sockets of every kind before the program starts, and keeps a listener. */
public final class EarlyAgent {
  private static ServerSocket listener;

  private EarlyAgent() {}

  /** Starts the agent. */
  public static void premain(String arguments) throws Exception {
    listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
        Socket accepted = listener.accept();
        SocketChannel channel = SocketChannel.open(listener.getLocalSocketAddress());
        Socket other = listener.accept()) {
      client.getOutputStream().write(1);
      accepted.getInputStream().read();
      other.getOutputStream().write(1);
      channel.read(java.nio.ByteBuffer.allocate(1));
    }
    AsynchronousSocketChannel.open().close();
  }
}
