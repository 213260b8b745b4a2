package io.twinport.it.apps;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** A client that uses up the descriptors it may have. */
public final class HoardingClient {
  private final Deque<FileInputStream> hoard = new ArrayDeque<>();

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    HoardingClient client = new HoardingClient();
    new Console()
        .on("echo", HoardingClient::echo)
        .on("hoard", client::hoard)
        .on("release", client::release)
        .serve("");
  }

  /** {@code echo HOST PORT}: one connection and one byte. */
  private static String echo(String... words) throws IOException {
    InetSocketAddress target = new InetSocketAddress(words[1], Integer.parseInt(words[2]));
    try (SocketChannel channel = SocketChannel.open(target)) {
      channel.write(ByteBuffer.wrap(new byte[] {42}));
      ByteBuffer answer = ByteBuffer.allocate(1);
      channel.read(answer);
      return "answer=" + answer.get(0);
    }
  }

  /** {@code hoard}: opens files until there is no descriptor left. */
  private String hoard(String... words) {
    while (true) {
      try {
        hoard.push(new FileInputStream("/dev/null"));
      } catch (IOException e) {
        return "hoard=" + hoard.size();
      }
    }
  }

  /** {@code release COUNT}: closes so many of them. */
  private String release(String... words) throws IOException {
    for (int i = 0; i < Integer.parseInt(words[1]) && !hoard.isEmpty(); i++) {
      hoard.pop().close();
    }
    return "hoard=" + hoard.size();
  }
}
