package io.twinport.shm;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Links whose peer writes and says what it should not, one after the other, from a seed. Many more
 * of them: {@code -Dtwinport.test.mutations=10000000}. A failure tells the seed of its link, which
 * {@code -Dtwinport.test.mutations.seed} runs first.
 */
class MutationsTest {
  private static final long MUTATIONS = Long.getLong("twinport.test.mutations", 100_000);
  private static final long SEED =
      Long.getLong("twinport.test.mutations.seed", System.nanoTime() & 0xffffffffL);

  /** Of one link, if the victim does not end it. */
  private static final int MOST_ON_A_LINK = 4_000;

  private static final int LINKS_BETWEEN_LOOKS = 200;

  private static ServerAttack.Name name;
  private static Bystanders bystanders;

  @FunctionalInterface
  private interface Attacks {
    Attack with(Choices choices);
  }

  @BeforeAll
  static void begin() throws IOException {
    Listening.provider();
    name = new ServerAttack.Name();
    bystanders = Bystanders.present();
  }

  @AfterAll
  static void end() throws IOException {
    bystanders.close();
    name.close();
  }

  @Test
  void clientsMutateRingsAndMessages() throws Exception {
    attack("client", choices -> new ClientAttack(bystanders.listening, choices), () -> {});
  }

  @Test
  void serversMutateRingsAndMessages() throws Exception {
    attack(
        "server", choices -> new ServerAttack(bystanders.listening, name, choices), name::turnAway);
  }

  private static void attack(String who, Attacks attacks, Bystanders.Leftovers leftovers)
      throws Exception {
    System.out.println(who + ": the first seed is " + SEED);
    long begun = System.nanoTime();
    long told = begun;
    long done = 0;
    long links = 0;
    for (long seed = SEED; done < MUTATIONS / 2; seed++) {
      bystanders.doing(who + " with -Dtwinport.test.mutations.seed=" + seed);
      try (Attack attack = attacks.with(Choices.of(seed))) {
        attack.run(MOST_ON_A_LINK);
        done += attack.mutations();
      } catch (AssertionError | RuntimeException | IOException e) {
        throw new AssertionError(who + " with -Dtwinport.test.mutations.seed=" + seed, e);
      }
      bystanders.echo();
      if (++links % LINKS_BETWEEN_LOOKS == 0) {
        bystanders.connect();
        bystanders.nothingIsLeft(leftovers);
      }
      if (System.nanoTime() - told > TimeUnit.SECONDS.toNanos(30)) {
        told = System.nanoTime();
        System.out.println(report(who, done, links, told - begun));
      }
    }
    bystanders.connect();
    bystanders.nothingIsLeft(leftovers);
    System.out.println(report(who, done, links, System.nanoTime() - begun));
  }

  private static String report(String who, long mutations, long links, long nanos) {
    return String.format(
        "%s: %,d mutations on %,d links, %,d a second",
        who, mutations, links, mutations * TimeUnit.SECONDS.toNanos(1) / nanos);
  }
}
