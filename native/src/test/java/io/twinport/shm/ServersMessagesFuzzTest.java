package io.twinport.shm;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** What servers say on the socket. */
class ServersMessagesFuzzTest extends LinkFuzz {
  @FuzzTest
  void input(byte[] input) throws Exception {
    try (Attack attack = server(input)) {
      attack.talk();
    }
    look();
  }
}
