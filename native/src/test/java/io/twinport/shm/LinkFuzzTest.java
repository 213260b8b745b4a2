package io.twinport.shm;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * What a peer on this host can write and say, as a fuzzer makes it up: the bytes are the choices of
 * an {@link Attack}. Without {@code JAZZER_FUZZ} the kept inputs are run.
 */
class LinkFuzzTest {
  private static final int INPUTS_BETWEEN_LOOKS = 500;

  /** Of one input; a fuzzer would make them longer and longer. */
  private static final int MOST_MUTATIONS = 2_000;

  private static ServerAttack.Name name;
  private static Bystanders bystanders;
  private static long inputs;

  @BeforeAll
  static void begin() throws IOException {
    Listening.provider();
    name = new ServerAttack.Name();
    bystanders = Bystanders.present();
  }

  @AfterAll
  static void end() throws Exception {
    bystanders.connect();
    bystanders.nothingIsLeft(name::turnAway);
    bystanders.close();
    name.close();
  }

  @FuzzTest(maxDuration = "20s")
  void clientsWords(byte[] input) throws Exception {
    try (Attack attack = new ClientAttack(bystanders.listening, Choices.of(input))) {
      attack.run(MOST_MUTATIONS);
    }
    look();
  }

  @FuzzTest(maxDuration = "20s")
  void clientsMessages(byte[] input) throws Exception {
    try (Attack attack = new ClientAttack(bystanders.listening, Choices.of(input))) {
      attack.talk();
    }
    look();
  }

  @FuzzTest(maxDuration = "20s")
  void serversWords(byte[] input) throws Exception {
    try (Attack attack = new ServerAttack(bystanders.listening, name, Choices.of(input))) {
      attack.run(MOST_MUTATIONS);
    }
    look();
  }

  @FuzzTest(maxDuration = "20s")
  void serversMessages(byte[] input) throws Exception {
    try (Attack attack = new ServerAttack(bystanders.listening, name, Choices.of(input))) {
      attack.talk();
    }
    look();
  }

  private static void look() throws Exception {
    bystanders.doing("input " + ++inputs);
    bystanders.echo();
    if (inputs % INPUTS_BETWEEN_LOOKS == 0) {
      bystanders.connect();
      bystanders.nothingIsLeft(name::turnAway);
    }
  }
}
