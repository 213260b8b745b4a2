package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Client and server in one program, and in one thread. */
public final class BothEnds {
  private final List<SocketChannel> clients = new ArrayList<>();
  private final List<SocketChannel> servers = new ArrayList<>();
  private final Random random = new Random(1);
  private final ServerSocketChannel listener;

  private BothEnds(ServerSocketChannel listener) {
    this.listener = listener;
  }

  /** Runs both ends. */
  public static void main(String[] arguments) throws Exception {
    try (ServerSocketChannel listener =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      BothEnds both = new BothEnds(listener);
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      new Console()
          .on("open", both::open)
          .on("exchange", both::exchange)
          .on("close", both::close)
          .serve("ports=" + port);
    }
  }

  /** {@code open COUNT}: connects, and then accepts. */
  private String open(String... words) throws IOException {
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      SocketChannel client = SocketChannel.open(listener.getLocalAddress());
      SocketChannel server = listener.accept();
      if (!client.getLocalAddress().equals(server.getRemoteAddress())
          || !client.getRemoteAddress().equals(server.getLocalAddress())) {
        throw new IOException(client + " is not the other end of " + server);
      }
      clients.add(client);
      servers.add(server);
    }
    return "open=" + clients.size();
  }

  /**
   * {@code exchange BYTES}: writes all of it at one end, and only then reads it at the other; both
   * ways.
   */
  private String exchange(String... words) throws IOException {
    int bytes = Integer.parseInt(words[1]);
    int wrong = 0;
    for (int i = 0; i < clients.size(); i++) {
      wrong += pour(clients.get(i), servers.get(i), bytes) ? 0 : 1;
      wrong += pour(servers.get(i), clients.get(i), bytes) ? 0 : 1;
    }
    return "wrong=" + wrong;
  }

  private boolean pour(SocketChannel from, SocketChannel to, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    random.nextBytes(content); // Others each time: bytes that went elsewhere are found out.
    ByteBuffer output = ByteBuffer.wrap(content);
    while (output.hasRemaining()) {
      from.write(output);
    }
    ByteBuffer input = ByteBuffer.allocate(bytes);
    while (input.hasRemaining() && to.read(input) >= 0) {
      // A blocking read waits for the next part.
    }
    return input.flip().equals(ByteBuffer.wrap(content));
  }

  private String close(String... words) throws IOException {
    for (SocketChannel channel : clients) {
      channel.close();
    }
    for (SocketChannel channel : servers) {
      channel.close();
    }
    clients.clear();
    servers.clear();
    return "open=0";
  }
}
