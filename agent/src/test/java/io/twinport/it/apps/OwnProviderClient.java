package io.twinport.it.apps;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/** A client that expects the sockets it opens to come from {@link OwnSelectorProvider}. */
public final class OwnProviderClient {
  private OwnProviderClient() {}

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    new Console()
        .on(
            "echo",
            words -> {
              InetSocketAddress target =
                  new InetSocketAddress(words[1], Integer.parseInt(words[2]));
              try (SocketChannel channel = SocketChannel.open(target)) {
                channel.write(ByteBuffer.wrap(new byte[] {42}));
                ByteBuffer answer = ByteBuffer.allocate(1);
                channel.read(answer);
                SelectorProvider provider = SelectorProvider.provider();
                int opened = provider instanceof OwnSelectorProvider own ? own.opened() : -1;
                return "answer=" + answer.get(0) + " opened=" + opened;
              }
            })
        .serve("");
  }
}
