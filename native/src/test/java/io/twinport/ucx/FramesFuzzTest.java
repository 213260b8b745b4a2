package io.twinport.ucx;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.twinport.ucx.connection.UcxConnection;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What is sent once a connection is up. */
class FramesFuzzTest extends PipeFuzz {
  @FuzzTest
  void input(byte[] input) throws IOException {
    MemoryPipe pipe = forged();
    UcxConnection victim = Pair.connection(pipe.peer(), 4, 3);
    ByteBuffer buffer = ByteBuffer.allocate(1 << 12);
    victim.takeUrgentInline(input.length % 2 == 0);
    boolean ends = input.length % 3 == 0;
    send(
        pipe,
        input,
        () -> {
          victim.write(buffer.clear());
          victim.read(buffer.clear());
          if (ends) {
            victim.shutdownOutput();
          }
        });
    close(victim);
    over(pipe);
  }
}
