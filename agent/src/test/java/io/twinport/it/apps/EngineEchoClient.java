package io.twinport.it.apps;

import java.io.EOFException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** An echo client of channels with TLS by the {@link SSLEngine}. */
public final class EngineEchoClient {
  private final List<EngineChannel> channels = new ArrayList<>();

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    EngineEchoClient client = new EngineEchoClient();
    new Console().on("open", client::open).on("echo", client::echo).serve("");
    for (EngineChannel channel : client.channels) {
      channel.close();
    }
  }

  /** {@code open COUNT HOST PORT}. */
  private String open(String... words) throws Exception {
    InetSocketAddress target = new InetSocketAddress(words[2], Integer.parseInt(words[3]));
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine(words[2], target.getPort());
      engine.setUseClientMode(true);
      channels.add(new EngineChannel(SocketChannel.open(target), engine));
    }
    return "open=" + channels.size();
  }

  /** {@code echo BYTES}: that many bytes out and back on every connection. */
  private String echo(String... words) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(Integer.parseInt(words[1]) & ~7);
    int wrong = 0;
    for (EngineChannel channel : channels) {
      RandomStream stream = new RandomStream(System.nanoTime(), buffer.capacity());
      stream.next(buffer);
      channel.write(buffer);
      while (!stream.receivedAll()) {
        if (channel.read(buffer.clear()) < 0) {
          throw new EOFException("the server closed the connection");
        }
        stream.took(buffer.flip());
      }
      wrong += stream.equal() ? 0 : 1;
    }
    return "echoed=" + channels.size() + " wrong=" + wrong;
  }
}
