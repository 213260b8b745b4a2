package io.twinport.it.failures;

import io.twinport.it.support.Setup;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients and servers of all APIs that are killed, stopped, interrupted, starved and closed at
 * random while they transfer. The seed decides what is done; the processes' own pace decides when
 * it meets them.
 */
@Tag("on-one-jdk")
@Timeout(value = 6, unit = TimeUnit.HOURS)
class TortureIT {
  /** Rounds with the same processes. */
  private static final int ROUNDS_PER_CAST = 20;

  @Test
  void nothingIsWrongOrLostNorHangsOrIsLeft() throws Exception {
    Setup.needsRoot();
    System.out.println("torture, -Dtwinport.it.torture-seed=" + Setup.TORTURE_SEED);
    int left = Setup.TORTURE_ROUNDS;
    for (long seed = Setup.TORTURE_SEED; left > 0; seed++) {
      // A cast of its own for each seed: what has failed is begun again with that seed.
      try (Torture torture = Torture.begin(seed, new SplittableRandom(seed))) {
        for (int i = 0; i < ROUNDS_PER_CAST && left > 0; i++) {
          torture.round();
          left--;
        }
        torture.end();
      }
    }
  }
}
