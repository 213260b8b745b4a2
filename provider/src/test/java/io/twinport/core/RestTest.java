package io.twinport.core;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.registry.Registry;
import io.twinport.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What a waiter's rest leaves of the thread that it is on: the application's. */
final class RestTest {
  private final Providers providers =
      new Providers(Settings.of(Map.of()), List::of, new Registry().events());

  @Test
  void thePermitToParkStays() {
    for (int i = 0; i < 100; i++) {
      LockSupport.unpark(Thread.currentThread());
      providers.rest();
      long begun = System.nanoTime();
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(20));
      assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(10), "the permit is lost");
    }
  }

  @Test
  void theInterruptStays() {
    LockSupport.unpark(Thread.currentThread());
    Thread.currentThread().interrupt();
    providers.rest();
    assertTrue(Thread.interrupted());
    long begun = System.nanoTime();
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(20));
    assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(10), "the permit is lost");
  }
}
