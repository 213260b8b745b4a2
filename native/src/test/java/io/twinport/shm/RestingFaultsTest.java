package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.twinport.faults.Fault;
import io.twinport.faults.Rounds;
import io.twinport.faults.Weaver;
import io.twinport.host.Given;
import io.twinport.shm.link.Links;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A link that an Error stops anywhere on its way to rest is used as before. */
@Timeout(120)
class RestingFaultsTest {
  private static final int STRIKES = 2;

  private static Links links(ShmProvider provider) {
    return provider.starter.started().links;
  }

  /** Both ends' threads are held, and this thread does their part: it is what meets the fault. */
  private static final class Rest implements Rounds.Operation {
    private final Listening listening;
    private final ShmProvider client;
    private final Listening.Pair pair;
    private CountDownLatch goOn = new CountDownLatch(0);

    Rest(Listening listening, ShmProvider client, Listening.Pair pair) {
      this.listening = listening;
      this.client = client;
      this.pair = pair;
    }

    private List<Links> both() {
      return List.of(links(listening.through), links(client));
    }

    @Override
    public void before() throws Exception {
      goOn = new CountDownLatch(1);
      CountDownLatch held = new CountDownLatch(2);
      CountDownLatch until = goOn;
      for (Links links : both()) {
        links
            .loop()
            .execute(
                () -> {
                  held.countDown();
                  try {
                    until.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
      }
      held.await();
      for (Links links : both()) {
        links.pollAll();
        links.letRest(0); // What it notes makes the next one have it rest.
      }
    }

    @Override
    public void run() {
      both().forEach(links -> links.letRest(0));
    }

    @Override
    public void after(Throwable thrown) throws Exception {
      goOn.countDown();
      Flow.assertEchoes(pair);
      Listening.Pair other =
          new Listening.Pair(
              Listening.connect(client, listening.destination(), null), listening.accept());
      Flow.assertEchoes(other);
      other.close();
      Flow.assertEchoes(pair);
    }
  }

  @Test
  void aLinkThatAnErrorStopsOnItsWayToRestIsLookedAt() throws Exception {
    ShmProvider client = new ShmProvider();
    client.configure(Given.nothing());
    try (Listening first = Listening.open(client, InetAddress.getLoopbackAddress(), 1)) {
      assertNotNull(first.listener);
    }
    try (Listening listening = Listening.open(4);
        Rounds rounds = new Rounds(Weaver.weave("io.twinport.shm.link"))) {
      Listening.Pair pair =
          new Listening.Pair(
              Listening.connect(client, listening.destination(), null), listening.accept());
      Flow.assertEchoes(pair);
      Rest rest = new Rest(listening, client, pair);
      for (Fault fault : List.of(Fault.STACK_OVERFLOW, Fault.OUT_OF_MEMORY)) {
        for (int strikes = 1; strikes <= STRIKES; strikes++) {
          rounds.run("rest", fault, strikes, rest);
        }
      }
      rounds.verify();
      pair.close();
    }
  }
}
