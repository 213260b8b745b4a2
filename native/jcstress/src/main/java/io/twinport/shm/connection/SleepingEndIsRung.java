package io.twinport.shm.connection;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Whoever pushes rings who sleeps, or who is about to sleep sees the push; {@code wakeup.pml}. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Rung.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Seen.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Rung, and seen before it slept.")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "A lost wakeup.")
@State
public class SleepingEndIsRung {
  private final Rings rings = Rings.ALL.next().quiet();

  @Actor
  public void pushes(II_Result result) {
    result.r1 = rings.nearSegment.notifyPeer(0, rings.seat) ? 1 : 0;
  }

  @Actor
  public void sleeps(II_Result result) {
    Places.LINKS.board().announceSleep(rings.seat);
    rings.far.poll(true);
    result.r2 = rings.far.looks > 0 ? 1 : 0;
  }
}
