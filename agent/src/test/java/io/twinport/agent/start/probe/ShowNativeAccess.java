package io.twinport.agent.start.probe;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Listens, and prints what native code there is in the process, and who may call it. */
public final class ShowNativeAccess {
  private ShowNativeAccess() {}

  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    System.out.println("before: " + libraryIsLoaded());
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      System.out.println("listening: " + libraryIsLoaded());
    }
    if (Runtime.version().feature() >= 22) {
      Object enabled =
          Module.class
              .getMethod("isNativeAccessEnabled")
              .invoke(ShowNativeAccess.class.getModule());
      System.out.println("application: " + enabled);
    }
  }

  private static boolean libraryIsLoaded() throws IOException {
    return Files.readString(Path.of("/proc/self/maps")).contains("jffi");
  }
}
