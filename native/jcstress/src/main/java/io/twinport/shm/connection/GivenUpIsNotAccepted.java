package io.twinport.shm.connection;

import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A request that is admitted while its client gives it up: one of the two; {@code accept.pml}. */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Connected, and accepted.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Goes to TCP, and was not accepted.")
@Outcome(
    id = {"2, 0", "2, 1"},
    expect = Expect.ACCEPTABLE_INTERESTING,
    desc = "The server stood between its two stores: timed out, and not sent to TCP.")
@Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "Accepted, and sent to TCP.")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "Connected to nobody.")
@State
public class GivenUpIsNotAccepted {
  private final Requests requests = Requests.ALL.next().anew();

  @Actor
  public void server() {
    requests.heard();
  }

  @Actor
  public void client(II_Result result) {
    if (!requests.connection.cancelConnect()) {
      result.r1 = 0;
      return;
    }
    try {
      result.r1 = requests.connection.finishConnect() ? 3 : 4;
    } catch (SanUnavailableException e) {
      result.r1 = 1;
    } catch (IOException e) {
      result.r1 = 2;
    }
  }

  @Arbiter
  public void accepts(II_Result result) {
    result.r2 = requests.accept() ? 1 : 0;
  }
}
