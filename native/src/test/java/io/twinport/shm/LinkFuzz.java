package io.twinport.shm;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * What a peer on this host can write and say, as a fuzzer makes it up: the bytes are the choices of
 * an {@link Attack}. Without {@code JAZZER_FUZZ} the kept inputs are run. A fuzzer runs one test in
 * a JVM, so each has a class.
 */
abstract class LinkFuzz {
  private static final int INPUTS_BETWEEN_LOOKS = 500;

  /** Of one input; a fuzzer would make them longer and longer. */
  static final int MOST_MUTATIONS = 2_000;

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

  /** A client that does what the input says. */
  static Attack client(byte[] input) {
    return new ClientAttack(bystanders.listening, Choices.of(input));
  }

  /** A server that does what the input says. */
  static Attack server(byte[] input) {
    return new ServerAttack(bystanders.listening, name, Choices.of(input));
  }

  /** Nothing but the attacker's own link is harmed. */
  static void look() throws Exception {
    bystanders.doing("input " + ++inputs);
    bystanders.echo();
    if (inputs % INPUTS_BETWEEN_LOOKS == 0) {
      bystanders.connect();
      bystanders.nothingIsLeft(name::turnAway);
    }
  }
}
