package io.twinport.shm.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TwinNamesTest {
  private static final int HUNDRED_NAMES = 10_000;
  private static final int MANY_NAMES = 10_000_000;

  @Test
  void theNameIsTheSameWhateverWireVersionIsSpoken() {
    assertEquals(
        "twinport/2/127.0.0.1:8080",
        TwinNames.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080)));
  }

  @Test
  void aReadOfTheListTakesAHundredthOfTheTime() {
    long took = TimeUnit.MICROSECONDS.toNanos(50);
    assertEquals(100 * took, TwinNames.validNanos(took, HUNDRED_NAMES));
    took = TimeUnit.MILLISECONDS.toNanos(50);
    assertEquals(100 * took, TwinNames.validNanos(took, MANY_NAMES));
  }

  @Test
  void aFirstReadThatTookLongHidesNoServerThatStartsNext() {
    long took = TimeUnit.MILLISECONDS.toNanos(80);
    assertTrue(
        TwinNames.validNanos(took, HUNDRED_NAMES) <= TimeUnit.MILLISECONDS.toNanos(20),
        "as long as a JVM takes to start is too long");
  }
}
