package io.twinport.shm.connection;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A thread accepts while a request comes in: it has it, or whoever comes next. */
@JCStressTest
@Outcome(
    id = {"1, 0", "0, 1"},
    expect = Expect.ACCEPTABLE,
    desc = "One has it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Nobody has it, or both.")
@State
public class OneTakesIt {
  private final Requests requests = Requests.ALL.next().anew();

  @Actor
  public void server() {
    requests.heard();
  }

  @Actor
  public void one(II_Result result) {
    result.r1 = requests.accept() ? 1 : 0;
  }

  @Arbiter
  public void next(II_Result result) {
    result.r2 = requests.accept() ? 1 : 0;
  }
}
