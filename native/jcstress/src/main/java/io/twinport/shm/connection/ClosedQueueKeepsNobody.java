package io.twinport.shm.connection;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A listener closes while a request comes in: nobody waits in its queue for ever. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Confirmed, and reset.")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Not confirmed.")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Confirmed, and forgotten.")
@State
public class ClosedQueueKeepsNobody {
  private final Requests requests = Requests.ALL.next().anew();

  @Actor
  public void server() {
    requests.heard();
  }

  @Actor
  public void closes() {
    requests.listener.close();
  }

  @Arbiter
  public void outcome(II_Result result) {
    result.r1 = requests.verdict() == Request.CONFIRMED ? 1 : 0;
    result.r2 = requests.isReset() ? 1 : 0;
  }
}
