package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.host.Given;
import io.twinport.shm.link.Links;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Where there are many links, those that nobody uses are not looked at; nothing is lost by that.
 */
@Tag("on-one-jdk")
@Timeout(120)
class RestingTest {
  private static final int MANY = 24;
  private static final Pattern RESTING = Pattern.compile("(\\d+) links? at rest");

  private static Links links(ShmProvider provider) {
    return provider.starter.started().links;
  }

  /** A process that connects, as far as links go. */
  private static ShmProvider client() throws IOException {
    ShmProvider made = new ShmProvider();
    made.configure(Given.nothing());
    try (Listening first = Listening.open(made, InetAddress.getLoopbackAddress(), 1)) {
      assertNotNull(first.listener);
    }
    return made;
  }

  private static int resting(ShmProvider provider) {
    Matcher resting = RESTING.matcher(provider.describe());
    return resting.find() ? Integer.parseInt(resting.group(1)) : 0;
  }

  @Test
  void ofManyLinksThoseRestThatNobodyUses() throws Exception {
    ShmProvider server = client();
    try (Listening listening = Listening.open(server, InetAddress.getLoopbackAddress(), 2 * MANY)) {
      List<Listening.Pair> pairs = new ArrayList<>();
      List<ShmProvider> clients = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        clients.add(client());
        SanConnection connected = Listening.connect(clients.get(i), listening.destination(), null);
        pairs.add(new Listening.Pair(connected, listening.accept()));
      }
      Flow.eventually(20_000, () -> resting(server) >= MANY - 16, "no link rests");
      for (Listening.Pair pair : pairs) {
        Flow.assertEchoes(pair);
      }
      Flow.eventually(20_000, () -> resting(server) >= MANY - 16, "they don't rest again");

      whoLooksOnceSeesAll(listening, clients);
      for (Listening.Pair pair : pairs) {
        Flow.assertEchoes(pair);
        pair.close();
      }
    }
  }

  /** The node's thread is held up, so nobody else sees what the others have done. */
  private static void whoLooksOnceSeesAll(Listening listening, List<ShmProvider> clients)
      throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    links(listening.through)
        .loop()
        .execute(
            () -> {
              held.countDown();
              awaitUninterruptibly(goOn);
            });
    try {
      held.await();
      List<SanConnection> connected = new ArrayList<>();
      for (ShmProvider client : clients) {
        SanConnection connection = client.connect(listening.destination(), null);
        if (connection.readyEvents(NetworkEvent.CONNECT) != 0) {
          assertTrue(connection.finishConnect());
        }
        connected.add(connection);
        listening.through.pollAll();
        SanConnection one = listening.listener.accept();
        assertNotNull(one, "a client that is connected is not seen");
        one.close();
      }
      assertNull(listening.listener.accept());
      connected.forEach(SanConnection::close);
    } finally {
      goOn.countDown();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Links rest whenever nothing has come between two looks, while bytes and clients come. */
  @Test
  void nothingIsLostWhileLinksRestAgainAndAgain() throws Exception {
    ShmProvider client = client();
    try (Listening listening = Listening.open(64)) {
      AtomicBoolean over = new AtomicBoolean();
      List<Thread> resters = new ArrayList<>();
      for (ShmProvider provider : List.of(client, listening.through)) {
        Links links = links(provider);
        Thread rester =
            new Thread(
                () -> {
                  while (!over.get()) {
                    links.loop().execute(() -> links.letRest(0));
                    LockSupport.parkNanos(1_000L * ThreadLocalRandom.current().nextInt(200));
                  }
                });
        rester.setDaemon(true);
        rester.start();
        resters.add(rester);
      }
      try {
        long end = System.nanoTime() + 3_000_000_000L;
        int rounds = 0;
        while (System.nanoTime() - end < 0) {
          SanConnection connected = Listening.connect(client, listening.destination(), null);
          Listening.Pair pair = new Listening.Pair(connected, listening.accept());
          for (int i = 0; i < 20; i++) {
            Flow.assertEchoes(pair);
            LockSupport.parkNanos(1_000L * ThreadLocalRandom.current().nextInt(300));
          }
          Flow.write(pair.client(), new byte[200_000]);
          assertEquals(200_000, Flow.read(pair.server(), 200_000).length);
          pair.client().close();
          assertEquals(-1, pair.server().read(ByteBuffer.allocate(1)));
          pair.server().close();
          rounds++;
        }
        assertTrue(rounds > 5, rounds + " rounds");
      } finally {
        over.set(true);
        for (Thread rester : resters) {
          rester.join();
        }
      }
    }
  }
}
