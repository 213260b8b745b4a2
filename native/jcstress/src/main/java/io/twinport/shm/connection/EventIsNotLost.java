package io.twinport.shm.connection;

import io.twinport.posix.Memory;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * What is pushed for a slot that stands in the ring already, while a thread takes that out, is seen
 * by it, or by the next; {@code events.pml}.
 */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "Found.")
@Outcome(id = "0", expect = Expect.FORBIDDEN, desc = "A lost event.")
@State
public class EventIsNotLost {
  private final Rings rings = Rings.ALL.next().quiet();

  public EventIsNotLost() {
    rings.nearSegment.push(0);
  }

  @Actor
  public void pushes() {
    Memory.putLongRelease(rings.word, 1);
    Memory.fullFence();
    rings.nearSegment.push(0);
  }

  @Actor
  public void looks() {
    rings.far.poll(true);
  }

  @Arbiter
  public void looksAtLast(I_Result result) {
    rings.far.poll(true);
    result.r1 = (int) rings.far.found;
  }
}
