package io.twinport.it.apps;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Connections to echo servers, over each of which a message goes out and comes back every
 * millisecond or so, and what took longest is noted. Arguments: {@code host/port …}.
 */
public final class PacedEcho {
  private static final int MOST_BYTES = 4096;
  private static final int MUCH = 1 << 20;

  /** How much memory is left when there is little: from nothing to enough. */
  private static final int SPARE_STEP = 16;

  private static final int SPARE_STEPS = 40;
  private static final long PAUSE_NANOS = 1_000_000;

  /** One connection, and its thread. */
  private static final class Line implements Runnable {
    private final SocketChannel channel;
    private final ByteBuffer out = ByteBuffer.allocateDirect(MOST_BYTES);
    private final ByteBuffer in = ByteBuffer.allocateDirect(MOST_BYTES);
    private final SplittableRandom random = new SplittableRandom(1);
    private final Thread thread = new Thread(this, "line");
    private volatile boolean ending;

    // guarded by this
    private long rounds;
    private long longestNanos;
    private int wrong;
    private int errors;
    private String failure = "none";

    Line(InetSocketAddress server) throws IOException {
      channel = SocketChannel.open(server);
    }

    @Override
    public void run() {
      try {
        while (!ending) {
          long begin = System.nanoTime();
          boolean equal = round();
          note(System.nanoTime() - begin, equal);
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        channel.close();
      } catch (IOException e) {
        fail(e);
      }
    }

    /** One message; whether the same bytes have come back. */
    private boolean round() throws IOException {
      int bytes = 8 * (1 + random.nextInt(MOST_BYTES / 8));
      out.clear().limit(bytes);
      in.clear().limit(bytes);
      for (int i = 0; i < bytes; i += Long.BYTES) {
        out.putLong(i, random.nextLong());
      }
      while (out.hasRemaining()) {
        try {
          channel.write(out);
        } catch (OutOfMemoryError e) {
          noteError(); // The buffer says what has gone.
        }
      }
      while (in.hasRemaining()) {
        try {
          if (channel.read(in) < 0) {
            throw new EOFException("the server closed the connection");
          }
        } catch (OutOfMemoryError e) {
          noteError();
        }
      }
      return out.flip().mismatch(in.flip()) < 0;
    }

    private synchronized void note(long nanos, boolean equal) {
      rounds++;
      longestNanos = Math.max(longestNanos, nanos);
      wrong += equal ? 0 : 1;
    }

    private synchronized void noteError() {
      errors++;
    }

    private synchronized void fail(IOException e) {
      failure = e.toString().replace(' ', '_');
    }

    /** What has been since the last call. */
    synchronized String stats(int number) {
      String text = "rounds" + number + "=" + rounds;
      text += " micros" + number + "=" + longestNanos / 1000;
      text += " wrong" + number + "=" + wrong;
      text += " errors" + number + "=" + errors;
      text += " failure" + number + "=" + failure;
      rounds = 0;
      longestNanos = 0;
      errors = 0;
      return text;
    }
  }

  private final List<Line> lines = new ArrayList<>();

  private PacedEcho() {}

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    PacedEcho client = new PacedEcho();
    for (InetSocketAddress server : Bindings.parse(arguments)) {
      client.lines.add(new Line(server));
    }
    client.lines.forEach(line -> line.thread.start());
    new Console()
        .on("stats", client::stats)
        .on("dial", client::dial)
        .on("starve", PacedEcho::starve)
        .serve("");
    for (Line line : client.lines) {
      line.ending = true;
      line.thread.join();
    }
  }

  /** {@code stats}: for each connection, what has been since this was asked last. */
  private String stats(String... words) {
    return lines.stream()
        .map(line -> line.stats(lines.indexOf(line)))
        .collect(Collectors.joining(" "));
  }

  /** {@code dial HOST PORT}: one message over a connection of its own. */
  private String dial(String... words) throws IOException {
    long begin = System.nanoTime();
    Line line = new Line(new InetSocketAddress(words[1], Integer.parseInt(words[2])));
    try (SocketChannel ending = line.channel) {
      long micros = (System.nanoTime() - begin) / 1000;
      boolean equal = line.round();
      return "micros=" + micros + " equal=" + equal + " open=" + ending.isOpen();
    }
  }

  /**
   * {@code starve ROUNDS HOST PORT}: writes much over a connection of its own while the heap is
   * full, and the rest when it is not; compares what comes back.
   */
  private static String starve(String... words) throws IOException {
    ByteBuffer out = ByteBuffer.allocateDirect(MUCH);
    ByteBuffer in = ByteBuffer.allocateDirect(MUCH);
    SplittableRandom random = new SplittableRandom(2);
    int errors = 0;
    int partial = 0;
    int wrong = 0;
    int rounds = Integer.parseInt(words[1]);
    for (int i = 0; i < rounds; i++) {
      for (int at = 0; at < MUCH; at += Long.BYTES) {
        out.putLong(at, random.nextLong());
      }
      InetSocketAddress server = new InetSocketAddress(words[2], Integer.parseInt(words[3]));
      try (SocketChannel channel = SocketChannel.open(server)) {
        out.clear();
        in.clear();
        if (starve(channel, out, SPARE_STEP * (i % SPARE_STEPS))) {
          errors++;
          partial += out.position() > 0 ? 1 : 0;
        }
        while (out.hasRemaining()) {
          channel.write(out);
        }
        while (in.hasRemaining() && channel.read(in) >= 0) {
          // Until all is back.
        }
        wrong += out.flip().equals(in.flip()) ? 0 : 1;
      }
    }
    return "errors=" + errors + " partial=" + partial + " wrong=" + wrong;
  }

  /** Whether the write found too little memory. */
  private static boolean starve(SocketChannel channel, ByteBuffer out, int left)
      throws IOException {
    try {
      FullHeap.fillBut(left);
      channel.write(out);
      return false;
    } catch (OutOfMemoryError e) {
      return true;
    } finally {
      FullHeap.empty();
    }
  }
}
