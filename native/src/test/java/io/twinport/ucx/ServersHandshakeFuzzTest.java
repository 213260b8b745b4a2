package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.twinport.ucx.connection.UcxConnection;
import java.io.IOException;

/** What servers answer to a client. */
class ServersHandshakeFuzzTest extends PipeFuzz {
  @FuzzTest
  void input(byte[] input) throws IOException {
    MemoryPipe pipe = forged();
    UcxConnection victim = new UcxConnection(Pair.address(80));
    far.run(() -> assertTrue(victim.dialled(far, pipe.peer(), 10_000, failure -> {})));
    send(pipe, input, victim::finishConnect);
    close(victim);
    over(pipe);
  }
}
