package io.twinport.shm;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** What clients say on the socket. */
class ClientsMessagesFuzzTest extends LinkFuzz {
  @FuzzTest
  void input(byte[] input) throws Exception {
    try (Attack attack = client(input)) {
      attack.talk();
    }
    look();
  }
}
