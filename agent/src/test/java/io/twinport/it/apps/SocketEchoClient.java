package io.twinport.it.apps;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;

/** An echo client of {@code java.net}. Properties as in {@link Factories}. */
public final class SocketEchoClient {
  private final SocketFactory factory = Factories.clients();
  private final List<Socket> sockets = new ArrayList<>();

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    SocketEchoClient client = new SocketEchoClient();
    new Console()
        .on("open", client::open)
        .on("echo", client::echo)
        .on("property", words -> words[1] + "=" + System.getProperty(words[1], words[2]))
        .on("close", client::close)
        .serve("");
    client.close();
  }

  /** {@code open COUNT HOST PORT}. */
  private String open(String... words) throws IOException {
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      Socket socket = factory.createSocket(words[2], Integer.parseInt(words[3]));
      socket.setTcpNoDelay(true);
      sockets.add(socket);
    }
    return "open=" + sockets.size();
  }

  /**
   * {@code echo BYTES}: that many bytes out and back on every connection, at most what fits in the
   * buffers.
   */
  private String echo(String... words) throws IOException {
    byte[] bytes = new byte[Integer.parseInt(words[1]) & ~7];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int wrong = 0;
    for (Socket socket : sockets) {
      RandomStream stream = new RandomStream(System.nanoTime(), bytes.length);
      stream.next(buffer);
      socket.getOutputStream().write(bytes);
      while (!stream.receivedAll()) {
        int length = socket.getInputStream().read(bytes);
        if (length < 0) {
          throw new EOFException("the server closed the connection");
        }
        stream.took(buffer.clear().limit(length));
      }
      wrong += stream.equal() ? 0 : 1;
    }
    return "echoed=" + sockets.size() + " wrong=" + wrong;
  }

  private String close(String... words) throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
    return "open=0";
  }
}
