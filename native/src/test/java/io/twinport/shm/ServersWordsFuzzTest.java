package io.twinport.shm;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** What servers write to shared memory. */
class ServersWordsFuzzTest extends LinkFuzz {
  @FuzzTest
  void input(byte[] input) throws Exception {
    try (Attack attack = server(input)) {
      attack.run(MOST_MUTATIONS);
    }
    look();
  }
}
