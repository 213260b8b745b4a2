package io.twinport.it.apps;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A client that ends with a connection open, on which a thread of its waits. Arguments: {@code
 * host/port} and how it ends: {@code return} from the main method, {@code exit}, {@code halt}, or
 * {@code hook}, which is an exit with a shutdown hook that writes some bytes more.
 */
public final class EndingClient {
  private static final int BYTES_OF_HOOK = 10_000;

  private EndingClient() {}

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    SocketChannel channel = SocketChannel.open(Bindings.parse(arguments[0]).get(0));
    String way = arguments[1];
    if (way.equals("hook")) {
      Thread hook = new Thread(() -> write(channel, BYTES_OF_HOOK), "hook");
      Runtime.getRuntime().addShutdownHook(hook);
    }
    Thread reader = new Thread(() -> read(channel), "read");
    reader.setDaemon(true);
    reader.start();
    new Console().on("write", words -> write(channel, Integer.parseInt(words[1]))).serve("");
    switch (way) {
      case "return":
        break;
      case "exit":
      case "hook":
        System.exit(0);
        break;
      case "halt":
        Runtime.getRuntime().halt(0);
        break;
      default:
        throw new IllegalArgumentException(way);
    }
  }

  private static String write(SocketChannel channel, int count) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(count);
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "";
  }

  private static void read(SocketChannel channel) {
    try {
      int n = channel.read(ByteBuffer.allocateDirect(1));
      throw new AssertionError("read " + n);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
