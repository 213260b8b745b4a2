package io.twinport.it.apps;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Connections to an echo server that open, talk and end at random, as many at a time as there are
 * threads. Arguments: {@code THREADS HOST PORT SEED}.
 */
public final class SoakClient {
  private static final int MOST_TURNS = 20;
  private static final int MOST_PAUSE_MILLIS = 50;
  private static final int SMALL_BYTES = 4 << 10;
  private static final int LARGE_BYTES = 256 << 10;

  private final InetSocketAddress target;
  private final AtomicLong rounds = new AtomicLong();
  private final List<String> failures = new ArrayList<>();
  private volatile boolean ending;

  private SoakClient(InetSocketAddress target) {
    this.target = target;
  }

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    SoakClient client =
        new SoakClient(new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2])));
    long seed = Long.parseLong(arguments[3]);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      Thread thread = new Thread(() -> client.soak(random), "soak-" + i);
      threads.add(thread);
      thread.start();
    }
    new Console().on("stats", client::stats).serve("");
    client.ending = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** {@code stats}: how many connections have lived and died, and the first that failed. */
  private String stats(String... words) {
    synchronized (failures) {
      String first = failures.isEmpty() ? "none" : failures.get(0).replace(' ', '_');
      return "rounds=" + rounds + " failures=" + failures.size() + " first=" + first;
    }
  }

  private void soak(SplittableRandom random) {
    ByteBuffer out = ByteBuffer.allocateDirect(LARGE_BYTES);
    ByteBuffer in = ByteBuffer.allocateDirect(LARGE_BYTES);
    while (!ending) {
      try (SocketChannel channel = SocketChannel.open(target)) {
        for (int turns = random.nextInt(MOST_TURNS); turns > 0 && !ending; turns--) {
          int most = random.nextInt(10) == 0 ? LARGE_BYTES : SMALL_BYTES;
          talk(channel, out, in, random, 8 + random.nextInt(most - 8));
        }
        end(channel, out, in, random);
        rounds.incrementAndGet();
        Thread.sleep(random.nextInt(MOST_PAUSE_MILLIS));
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts", e);
      } catch (IOException | IllegalStateException e) {
        synchronized (failures) {
          failures.add(e.toString());
        }
      }
    }
  }

  private static void talk(
      SocketChannel channel, ByteBuffer out, ByteBuffer in, SplittableRandom random, int bytes)
      throws IOException {
    RandomStream stream = new RandomStream(random.nextLong(), bytes & ~7);
    stream.next(out);
    in.clear();
    while (out.hasRemaining()) {
      channel.write(out);
    }
    while (!stream.receivedAll()) {
      if (channel.read(in.clear()) < 0) {
        throw new EOFException("the server closed the connection");
      }
      stream.took(in.flip());
    }
    if (!stream.equal()) {
      throw new IllegalStateException("wrong bytes");
    }
  }

  /** Closes as applications do: when all is said, half-way, without listening, or with a reset. */
  private static void end(
      SocketChannel channel, ByteBuffer out, ByteBuffer in, SplittableRandom random)
      throws IOException {
    switch (random.nextInt(4)) {
      case 0 -> channel.close();
      case 1 -> {
        channel.write(out.clear().limit(SMALL_BYTES));
        channel.shutdownOutput();
        while (channel.read(in.clear()) >= 0) {
          // What is still on its way.
        }
      }
      case 2 -> channel.write(out.clear().limit(SMALL_BYTES));
      default -> {
        channel.write(out.clear().limit(SMALL_BYTES));
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
    }
  }
}
