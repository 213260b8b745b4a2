package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many connections at once and one after the other: addresses, descriptors, memory. */
@Tag("on-one-jdk")
@Timeout(120)
class CrowdTest {
  @ParameterizedTest
  @ValueSource(ints = {65, 1_100, 5_000})
  void manyAtOnce(int count) throws Exception {
    try (Listening listening = Listening.open(64)) {
      listening.pair().close();
      settle(listening.through);
      int descriptors = Flow.descriptors();
      int mappings = mappings();
      int memory = Flow.usedKiB(listening.through);
      List<Listening.Pair> pairs = new ArrayList<>();
      Set<InetSocketAddress> remotes = new HashSet<>();
      for (int i = 0; i < count; i++) {
        Listening.Pair pair = listening.pair();
        pairs.add(pair);
        assertTrue(remotes.add(pair.server().remoteAddress()), "the address of two connections");
        assertEquals(pair.client().localAddress(), pair.server().remoteAddress());
      }
      ByteBuffer one = ByteBuffer.allocate(4);
      for (int i = 0; i < count; i++) {
        pairs.get(i).client().write(one.clear().putInt(i).flip());
      }
      for (int i = 0; i < count; i++) {
        assertEquals(i, ByteBuffer.wrap(Flow.read(pairs.get(i).server(), 4)).getInt());
      }
      // Each segment has one, and more are on their way for a moment.
      Flow.eventually(
          10_000,
          () -> Flow.descriptors() <= descriptors + 24 + count / 100,
          "descriptors grow with connections");
      pairs.forEach(Listening.Pair::close);
      Flow.eventually(
          30_000, () -> Flow.usedKiB(listening.through) <= memory, "shared memory stays");
      Flow.eventually(10_000, () -> Flow.descriptors() <= descriptors, "descriptors stay");
      // Address ranges are kept, to be used again.
      assertTrue(mappings() <= mappings + 40, () -> "mappings: " + mappings + ", " + mappings());
      listening.pair().close();
    }
  }

  /** Waits until what earlier tests have left is swept away. */
  private static void settle(ShmProvider provider) throws InterruptedException {
    int same = 0;
    for (int last = -1; same < 8; ) {
      Thread.sleep(250);
      int now = Flow.usedKiB(provider);
      same = now == last ? same + 1 : 0;
      last = now;
    }
  }

  private static int mappings() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return (int) lines.filter(line -> line.contains("twinport")).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void stormOfConnects() throws Exception {
    int threads = 8;
    int each = Integer.getInteger("twinport.test.storm", 1_000);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicInteger open = new AtomicInteger(threads);
    try (Listening listening = Listening.open(1000)) {
      CountDownLatch begin = new CountDownLatch(1);
      List<Thread> clients = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int seed = t;
        clients.add(
            new Thread(
                () -> {
                  try {
                    begin.await();
                    for (int i = 0; i < each; i++) {
                      talk(listening, seed * each + i);
                    }
                  } catch (IOException | InterruptedException | AssertionError e) {
                    failure.compareAndSet(null, e);
                  } finally {
                    open.decrementAndGet();
                  }
                }));
      }
      Thread server = new Thread(() -> serve(listening, open, failure));
      server.start();
      clients.forEach(Thread::start);
      begin.countDown();
      for (Thread client : clients) {
        client.join();
      }
      server.join();
      Flow.rethrow(failure.get());
      assertNull(listening.listener.accept());
    }
  }

  /** Says a number and hears it back. Every third closes first and reads the end of the stream. */
  private static void talk(Listening listening, int number) throws IOException {
    SanConnection client = listening.connect();
    Flow.write(client, ByteBuffer.allocate(4).putInt(number).array());
    if (number % 3 == 0) {
      client.shutdownOutput();
    }
    assertEquals(number, ByteBuffer.wrap(Flow.read(client, 4)).getInt());
    client.close();
  }

  private static void serve(
      Listening listening, AtomicInteger open, AtomicReference<Throwable> failure) {
    try (BellSeat seat = BellSeat.of(listening.through)) {
      while (open.get() > 0) {
        seat.await(listening.listener, NetworkEvent.ACCEPT, 100);
        listening.listener.event().enumerate();
        for (SanConnection server = listening.listener.accept();
            server != null;
            server = listening.listener.accept()) {
          Flow.write(server, Flow.read(server, 4));
          server.close();
        }
      }
      listening.listener.arm(NetworkEvent.ACCEPT, null);
    } catch (IOException | AssertionError e) {
      failure.compareAndSet(null, e);
    }
  }
}
