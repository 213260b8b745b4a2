package io.twinport.it.apps;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** An echo client of blocking channels. */
public final class BlockingEchoClient {
  private final Console console = new Console();
  private final List<SocketChannel> channels = new ArrayList<>();

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    BlockingEchoClient client = new BlockingEchoClient();
    client
        .console
        .on("open", client::open)
        .on("attempt", client::attempt)
        .on("burst", client::burst)
        .on("echo", client::echo)
        .on("write", client::write)
        .on("transfer", client::transfer)
        .on("load", client::load)
        .on("flood", client::flood)
        .on("listen", client::listen)
        .on("close", client::close)
        .on("abort", client::abort)
        .serve("");
    client.close();
  }

  /** {@code open COUNT HOST PORT}. */
  private String open(String... words) throws IOException {
    InetSocketAddress target = target(words, 2);
    long start = System.nanoTime();
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      channels.add(SocketChannel.open(target));
    }
    return "open=" + channels.size() + " micros=" + micros(start);
  }

  /** {@code attempt MILLIS HOST PORT}: one connect with a time limit; says how it ended. */
  private String attempt(String... words) throws IOException {
    SocketChannel channel = SocketChannel.open();
    long start = System.nanoTime();
    String outcome = connect(channel, target(words, 2), Integer.parseInt(words[1]));
    long micros = micros(start);
    if (outcome.equals("connected")) {
      channels.add(channel);
    } else {
      channel.close();
    }
    return "outcome=" + outcome + " micros=" + micros;
  }

  /**
   * {@code burst COUNT MILLIS HOST PORT}: so many connects one after the other, each with that time
   * limit; one that fails is given up for good, one that succeeds sends a byte and stays open.
   */
  private String burst(String... words) throws IOException {
    int connected = 0;
    int gaveUp = 0;
    InetSocketAddress target = target(words, 3);
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      SocketChannel channel = SocketChannel.open();
      if (connect(channel, target, Integer.parseInt(words[2])).equals("connected")) {
        connected++;
        channel.write(ByteBuffer.wrap(new byte[] {1}));
        channels.add(channel);
      } else {
        gaveUp++;
        channel.close();
      }
    }
    return "connected=" + connected + " gaveup=" + gaveUp;
  }

  private static String connect(SocketChannel channel, InetSocketAddress target, int millis) {
    Socket socket = channel.socket();
    try {
      socket.connect(target, millis);
      return "connected";
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  /**
   * {@code echo BYTES}: that many bytes out and back on every connection, at most what fits in the
   * buffers.
   */
  private String echo(String... words) throws IOException {
    int bytes = Integer.parseInt(words[1]);
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
    int wrong = 0;
    for (SocketChannel channel : channels) {
      RandomStream stream = new RandomStream(System.nanoTime(), bytes & ~7);
      stream.next(buffer);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      while (!stream.receivedAll()) {
        read(channel, buffer, stream);
      }
      wrong += stream.equal() ? 0 : 1;
    }
    return "echoed=" + channels.size() + " wrong=" + wrong;
  }

  /**
   * {@code write BYTES}: that many bytes on every connection, one write call at a time until all is
   * taken.
   */
  private String write(String... words) throws IOException {
    for (SocketChannel channel : channels) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(Integer.parseInt(words[1]));
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
    return "written=" + words[1];
  }

  /**
   * {@code transfer BYTES}: that many bytes in all, over all connections at once, out and back;
   * compares hashes.
   */
  private String transfer(String... words) throws Exception {
    long share = (Long.parseLong(words[1]) / channels.size()) & ~7L;
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<?>> work = new ArrayList<>();
    List<RandomStream> streams = new ArrayList<>();
    long start = System.nanoTime();
    for (SocketChannel channel : channels) {
      RandomStream stream = new RandomStream(channels.size() * 31L + streams.size(), share);
      streams.add(stream);
      work.add(threads.submit(() -> send(channel, stream)));
      work.add(threads.submit(() -> receive(channel, stream)));
    }
    threads.shutdown();
    for (Future<?> part : work) {
      part.get();
    }
    long wrong = streams.stream().filter(stream -> !stream.equal()).count();
    return "wrong=" + wrong + " bytes=" + share * channels.size() + " micros=" + micros(start);
  }

  private static Void send(SocketChannel channel, RandomStream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    while (!stream.sentAll()) {
      stream.next(buffer);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
    return null;
  }

  private static Void receive(SocketChannel channel, RandomStream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    while (!stream.receivedAll()) {
      read(channel, buffer, stream);
    }
    return null;
  }

  private static void read(SocketChannel channel, ByteBuffer buffer, RandomStream stream)
      throws IOException {
    if (channel.read(buffer.clear()) < 0) {
      throw new EOFException("the server closed the connection");
    }
    stream.took(buffer.flip());
  }

  /**
   * {@code load}: a thread for every connection plays ping-pong until the connection is lost, and
   * then says so.
   */
  private String load(String... words) {
    for (SocketChannel channel : channels) {
      Thread thread = new Thread(() -> pingPong(channel), "load");
      thread.setDaemon(true);
      thread.start();
    }
    return "load=" + channels.size();
  }

  private void pingPong(SocketChannel channel) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(512);
    String how = "end-of-stream";
    try {
      boolean first = true;
      do {
        buffer.clear();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        buffer.clear();
        while (buffer.hasRemaining()) {
          if (channel.read(buffer) < 0) {
            return;
          }
        }
        if (first) {
          console.event("flowing");
          first = false;
        }
      } while (true);
    } catch (IOException e) {
      how = e.getClass().getSimpleName();
    } finally {
      console.event("lost how=" + how);
    }
  }

  /** {@code flood}: as {@code load}, with as much on its way as the connection takes. */
  private String flood(String... words) {
    for (SocketChannel channel : channels) {
      aside(
          () -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
            while (true) {
              channel.write(buffer.clear());
            }
          });
    }
    return listen();
  }

  /** {@code listen}: a thread for every connection reads until the connection is lost. */
  private String listen(String... words) {
    for (SocketChannel channel : channels) {
      aside(
          () -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
            while (channel.read(buffer.clear()) >= 0) {
              // Until there is no more.
            }
            return "end-of-stream";
          });
    }
    return "listening=" + channels.size();
  }

  /** Does something until it fails, and says how. */
  private void aside(Callable<String> task) {
    Thread thread =
        new Thread(
            () -> {
              String how;
              try {
                how = task.call();
              } catch (Exception e) {
                how = e.getClass().getSimpleName();
              }
              console.event("lost how=" + how);
            },
            "aside");
    thread.setDaemon(true);
    thread.start();
  }

  private String close(String... words) throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    channels.clear();
    return "open=0";
  }

  private String abort(String... words) throws IOException {
    for (SocketChannel channel : channels) {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    }
    return close();
  }

  private static InetSocketAddress target(String[] words, int at) {
    return new InetSocketAddress(words[at], Integer.parseInt(words[at + 1]));
  }

  private static long micros(long start) {
    return (System.nanoTime() - start) / 1000;
  }
}
