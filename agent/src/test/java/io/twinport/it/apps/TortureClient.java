package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** A client of the torture, of all APIs. */
public final class TortureClient {
  /** A server, by the number that the test has given it, and its first port. */
  private record Target(int number, int port) {
    static Target parse(String text) {
      int slash = text.indexOf('/');
      return new Target(
          Integer.parseInt(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }
  }

  private final TortureEnds ends = new TortureEnds();
  private final TortureSelector selector;
  private final AtomicInteger starting = new AtomicInteger();

  private TortureClient() throws IOException {
    selector = new TortureSelector(ends);
  }

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    TortureApis.load();
    TortureClient client = new TortureClient();
    client
        .ends
        .commands(new Console())
        .on("progress", words -> client.ends.progress(client.starting.get()))
        .on("jog", words -> client.jog())
        .on("go", client::go)
        .on("orderly", client::orderly)
        .serve("");
  }

  /** {@code jog}: interrupts the thread of the selector. */
  private String jog() {
    selector.interrupt();
    return "";
  }

  /**
   * {@code go SEED TAG COUNT MILLIS TARGET…}: so many connections, begun at random within that
   * time.
   */
  private String go(String... words) {
    long seed = Long.parseLong(words[1]);
    int count = Integer.parseInt(words[3]);
    int millis = Integer.parseInt(words[4]);
    List<Target> targets = targets(words, 5);
    SplittableRandom random = new SplittableRandom(seed ^ Long.parseLong(words[2]));
    starting.set(count);
    Thread starter =
        new Thread(
            () -> {
              for (int i = 0; i < count; i++) {
                TortureEnds.pause(random.nextInt(1 + 2 * millis / count));
                Target target = targets.get(random.nextInt(targets.size()));
                char own = TortureApis.ALL.charAt(random.nextInt(TortureApis.ALL.length()));
                int other = random.nextInt(TortureApis.ALL.length());
                startFree(words, target, i, own, other);
                starting.decrementAndGet();
              }
            },
            "starter");
    starter.start();
    return "";
  }

  private void startFree(String[] words, Target target, int number, char own, int other) {
    while (true) {
      try {
        TorturePlan plan = plan(words, target, number, false);
        start(plan, own, target.port + other);
        return;
      } catch (OutOfMemoryError e) {
        TortureEnds.pause(10); // Nothing has been begun.
      }
    }
  }

  /** {@code orderly SEED TAG TARGET…}: connections from every API to every other, at once. */
  private String orderly(String... words) {
    int number = 1 << 20;
    for (Target target : targets(words, 3)) {
      for (int own = 0; own < TortureApis.ALL.length(); own++) {
        for (int other = 0; other < TortureApis.ALL.length(); other++) {
          TorturePlan plan = plan(words, target, number++, true);
          start(plan, TortureApis.ALL.charAt(own), target.port + other);
        }
      }
    }
    return "";
  }

  private static List<Target> targets(String[] words, int from) {
    List<Target> targets = new ArrayList<>();
    for (int i = from; i < words.length; i++) {
      targets.add(Target.parse(words[i]));
    }
    return targets;
  }

  /** The number of the connection tells from which process it is, and to which. */
  private static TorturePlan plan(String[] words, Target target, int number, boolean orderly) {
    long id = (Long.parseLong(words[2]) * 8 + target.number) << 32 | number;
    return TorturePlan.of(Long.parseLong(words[1]), id, orderly);
  }

  /** Throws an Error only before anything has been begun. */
  private void start(TorturePlan plan, char api, int port) {
    TortureEnd end = new TortureEnd(ends, plan, api);
    start(end, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private void start(TortureEnd end, InetSocketAddress target) {
    Runnable connect =
        switch (end.api()) {
          case TortureApis.SOCKET -> () -> connectSocket(end, target);
          case TortureApis.CHANNEL -> () -> connectChannel(end, target);
          case TortureApis.SELECTOR -> () -> selector.connect(end, target);
          default -> () -> TortureAsync.connect(end, target);
        };
    boolean blocks = end.api() == TortureApis.SOCKET || end.api() == TortureApis.CHANNEL;
    Thread thread = blocks ? TortureThreads.unstarted(connect, "read-" + end.api()) : null;
    ends.add(end);
    try {
      if (blocks) {
        thread.start();
      } else {
        connect.run();
      }
    } catch (OutOfMemoryError e) {
      end.connectFailed(e);
      end.finish();
    }
  }

  private static void connectSocket(TortureEnd end, InetSocketAddress target) {
    Socket socket = null;
    try {
      socket = new Socket();
      end.setLine(socket);
      end.setReader(Thread.currentThread());
      socket.connect(target);
      end.connected();
      TortureBlocking.converse(end, new TortureBlocking.OfSocket(socket));
    } catch (Throwable e) {
      end.connectFailed(e);
      if (socket != null) {
        TortureEnd.closeSurely(socket);
      }
      end.finish();
    }
  }

  private static void connectChannel(TortureEnd end, InetSocketAddress target) {
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open();
      end.setLine(channel);
      end.setReader(Thread.currentThread());
      channel.connect(target);
      end.connected();
      TortureBlocking.converse(end, new TortureBlocking.OfChannel(channel));
    } catch (Throwable e) {
      end.connectFailed(e);
      if (channel != null) {
        TortureEnd.closeSurely(channel);
      }
      end.finish();
    }
  }
}
