package io.twinport.shm;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** What clients write to shared memory. */
class ClientsWordsFuzzTest extends LinkFuzz {
  @FuzzTest
  void input(byte[] input) throws Exception {
    try (Attack attack = client(input)) {
      attack.run(MOST_MUTATIONS);
    }
    look();
  }
}
