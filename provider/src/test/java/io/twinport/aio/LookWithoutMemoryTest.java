package io.twinport.aio;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.support.SwitchFixture;
import java.nio.channels.AsynchronousChannelGroup;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A look at a channel that ends for want of memory, while others wait for theirs. */
@Timeout(60)
final class LookWithoutMemoryTest extends SwitchFixture {
  /** A class of its own, named only where it runs: before, what it extends may not link. */
  private static final class Looks {
    final CountDownLatch other = new CountDownLatch(1);
    final CountDownLatch again = new CountDownLatch(2);

    void begin(AsynchronousChannelGroup group) {
      TwinPort port = (TwinPort) group;
      GroupSeat behind =
          new GroupSeat(port) {
            @Override
            void look(boolean mayInvokeHere) {
              other.countDown();
            }
          };
      new GroupSeat(port) {
        @Override
        void look(boolean mayInvokeHere) {
          again.countDown();
          if (again.getCount() == 1) {
            behind.post();
            throw new OutOfMemoryError("of a test");
          }
        }
      }.post();
    }
  }

  /** The seat is in the stack again, in front of the other, when the same thread goes on. */
  @Test
  void takesNobodyAlong() throws Exception {
    AsynchronousChannelGroup group =
        TwinAsynchronousChannelProvider.of(provider.owner())
            .openAsynchronousChannelGroup(Executors.newCachedThreadPool(), 0);
    try {
      Looks looks = new Looks();
      looks.begin(group);
      assertTrue(looks.other.await(10, TimeUnit.SECONDS), "the other was not looked at");
      assertTrue(looks.again.await(10, TimeUnit.SECONDS), "it was not looked at again");
    } finally {
      group.shutdownNow();
    }
  }
}
