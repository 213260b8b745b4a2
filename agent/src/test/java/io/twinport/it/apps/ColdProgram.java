package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A program that does one thing and ends. */
public final class ColdProgram {
  private ColdProgram() {}

  /** {@code hello}, {@code bind}, {@code connect PORT} or {@code socket PORT}. */
  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "hello" -> System.out.println("hello");
      case "bind" -> bind();
      case "connect" -> SocketChannel.open(loopback(arguments[1])).close();
      case "socket" -> connectSocket(loopback(arguments[1]));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static InetSocketAddress loopback(String port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
  }

  private static void bind() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(loopback("0"));
    }
  }

  private static void connectSocket(InetSocketAddress remote) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(remote);
    }
  }
}
