package io.twinport.it.apps;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

/** An echo client of asynchronous channels and futures. */
public final class AsyncEchoClient {
  private final List<AsynchronousSocketChannel> channels = new ArrayList<>();

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    AsyncEchoClient client = new AsyncEchoClient();
    new Console()
        .on("open", client::open)
        .on("echo", client::echo)
        .on("close", client::close)
        .serve("");
    client.close();
  }

  /** {@code open COUNT HOST PORT}: all at once. */
  private String open(String... words) throws Exception {
    InetSocketAddress target = new InetSocketAddress(words[2], Integer.parseInt(words[3]));
    List<Future<Void>> connects = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
      channels.add(channel);
      connects.add(channel.connect(target));
    }
    for (Future<Void> connect : connects) {
      connect.get();
    }
    return "open=" + channels.size();
  }

  /**
   * {@code echo BYTES}: that many bytes out and back on every connection, reading and writing at
   * the same time.
   */
  private String echo(String... words) throws Exception {
    int bytes = Integer.parseInt(words[1]) & ~7;
    ByteBuffer output = ByteBuffer.allocate(bytes);
    ByteBuffer input = ByteBuffer.allocate(bytes);
    int wrong = 0;
    for (AsynchronousSocketChannel channel : channels) {
      RandomStream stream = new RandomStream(System.nanoTime(), bytes);
      stream.next(output);
      Future<Integer> read = channel.read(input.clear());
      while (output.hasRemaining()) {
        channel.write(output).get();
      }
      while (true) {
        if (read.get() < 0) {
          throw new EOFException("the server closed the connection");
        }
        stream.took(input.flip());
        if (stream.receivedAll()) {
          break;
        }
        read = channel.read(input.clear());
      }
      wrong += stream.equal() ? 0 : 1;
    }
    return "echoed=" + channels.size() + " wrong=" + wrong;
  }

  private String close(String... words) throws IOException {
    for (AsynchronousSocketChannel channel : channels) {
      channel.close();
    }
    channels.clear();
    return "open=0";
  }
}
