package io.twinport.it.apps;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;

/** A client, and a server to itself, that uses up the descriptors it may have. */
public final class HoardingClient {
  private static final int BYTES = 100_000;

  private final Deque<FileInputStream> hoard = new ArrayDeque<>();
  private ServerSocket server;

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    HoardingClient client = new HoardingClient();
    new Console()
        .on("echo", HoardingClient::echo)
        .on("hoard", client::hoard)
        .on("release", client::release)
        .on("listen", client::listen)
        .on("self", client::self)
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

  /** {@code listen}: a server socket of this process. */
  private String listen(String... words) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    server.setSoTimeout(10_000);
    return "port=" + server.getLocalPort();
  }

  /**
   * {@code self}: connects to that, accepts, and sends some bytes, more than fit in at first.
   * Answers with the step that has failed, or {@code "done"}.
   */
  private String self(String... words) {
    String step = "connect";
    try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      step = "accept";
      try (Socket accepted = accept(client)) {
        step = "transfer";
        accepted.setSoTimeout(10_000);
        byte[] sent = new byte[BYTES];
        new Random(1).nextBytes(sent);
        client.getOutputStream().write(sent);
        byte[] read = accepted.getInputStream().readNBytes(BYTES);
        step = Arrays.equals(sent, read) ? "done" : "compare";
      }
    } catch (IOException e) {
      return "step=" + step + " message=" + e.toString().replace(' ', '_');
    }
    return "step=" + step;
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

  /** Accepts that client, behind those that have gone since an accept failed. */
  private Socket accept(Socket client) throws IOException {
    Socket accepted = server.accept();
    while (accepted.getPort() != client.getLocalPort()) {
      accepted.close();
      accepted = server.accept();
    }
    return accepted;
  }

  /** {@code release COUNT}: closes so many of them. */
  private String release(String... words) throws IOException {
    for (int i = 0; i < Integer.parseInt(words[1]) && !hoard.isEmpty(); i++) {
      hoard.pop().close();
    }
    return "hoard=" + hoard.size();
  }
}
