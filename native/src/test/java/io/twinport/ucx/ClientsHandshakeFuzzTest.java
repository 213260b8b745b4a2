package io.twinport.ucx;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.twinport.host.BacklogFull;
import io.twinport.spi.SanConnection;
import io.twinport.ucx.connection.RefusedHosts;
import io.twinport.ucx.connection.UcxListener;
import java.io.IOException;

/** What clients send to a listener. */
class ClientsHandshakeFuzzTest extends PipeFuzz {
  @FuzzTest
  void input(byte[] input) throws IOException {
    UcxListener listener =
        new UcxListener(
            far, Pair.address(80), 2, BacklogFull.REFUSE, destination -> null, new RefusedHosts());
    MemoryPipe pipe = forged();
    far.run(() -> listener.greet(pipe.peer(), Pair.address(80), Pair.address(4711)));
    send(pipe, input, () -> {});
    SanConnection victim = listener.accept();
    if (victim != null) {
      close(victim);
    }
    listener.close();
    over(pipe);
  }
}
