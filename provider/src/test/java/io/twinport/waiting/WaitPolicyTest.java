package io.twinport.waiting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.settings.Settings;
import io.twinport.spi.Bell;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a waiter learns, with a clock that only goes on when it is told to. */
final class WaitPolicyTest {
  private static final long SHORT = TimeUnit.MICROSECONDS.toNanos(20);
  private static final long LONG = WaitPolicy.WAKE_NANOS;
  private static final long ANSWER = 500;

  /** What a sleep takes, whoever wakes the sleeper. */
  private static final long SLEEP = TimeUnit.MICROSECONDS.toNanos(10);

  private Past past = new Past();

  /** Two cores. */
  private final class TwoCores implements WaitPolicy.Cores {
    @Override
    public int currentCore() {
      coresAsked++;
      return core;
    }

    @Override
    public void changeCore() {
      moves++;
      core = 1 - core;
    }

    @Override
    public void yieldCore() {
      yields++;
      if (crowded) {
        clock += Turns.OTHERS_NANOS;
      }
    }

    @Override
    public void rest() {
      rests++;
    }

    @Override
    public long nanoTime() {
      return clock;
    }
  }

  private int core;

  /** How long the test's processors are at work: the machine's may be held up at any time. */
  private long clock;

  /** Where the other side runs; negative if it does not say. */
  private int ringerCore = -1;

  private int moves;
  private int yields;
  private int rests;

  /** Whether others want the core, and take it whenever it is yielded. */
  private boolean crowded;

  private List<Past> others = List.of();
  private final WaitPolicy othersPolicy = policy("block");

  private void manyWait() {
    others = Stream.generate(Past::new).limit(Runtime.getRuntime().availableProcessors()).toList();
  }

  private int coresAsked;
  private long now = System.nanoTime();
  private WaitPolicy policy = policy("adaptive");

  private WaitPolicy policy(String wait) {
    return new WaitPolicy(Settings.of(Map.of("wait", wait)), new TwoCores());
  }

  @BeforeEach
  void needsTwoProcessors() {
    assumeTrue(
        Runtime.getRuntime().availableProcessors() > 1, "this kernel gives one processor only");
    past.event(now);
  }

  /**
   * Waits for what comes after so long; returns the nanoseconds that the policy had it spin for.
   */
  private long await(long answer) {
    othersWait();
    long budget = policy.begin(past, Long.MAX_VALUE, now);
    if (budget != 0) {
      now += Math.min(budget, answer);
      policy.ended(past, answer < budget, now);
    }
    if (answer >= budget) {
      now += SLEEP;
      past.slept(Bell.from(ringerCore));
      past.event(now);
    }
    return budget;
  }

  /** Waiters of this process, which have cores of their own. */
  private void othersWait() {
    for (Past other : others) {
      othersPolicy.begin(other, Long.MAX_VALUE, now);
      other.slept(Bell.from(-1));
    }
  }

  private void awaitFor(long millis, long answer) {
    for (long end = now + TimeUnit.MILLISECONDS.toNanos(millis); now - end < 0; ) {
      await(answer);
    }
  }

  @Test
  void spinsWhereAnswersComeAtOnce() {
    for (int i = 0; i < 100_000; i++) {
      assertEquals(SHORT, await(ANSWER));
    }
    assertEquals(0, moves);
  }

  @Test
  void sleepsAtOnceWhereNothingWasHeardFor() {
    await(ANSWER);
    now += TimeUnit.MILLISECONDS.toNanos(2);
    assertEquals(0, await(ANSWER));
    assertEquals(SHORT, await(ANSWER));
  }

  @Test
  void failsAFewTimesAndThenPausesForLongerAndLonger() {
    List<Long> pauses = new ArrayList<>();
    long begun = now;
    long slept = 0;
    while (pauses.size() < 8) {
      assertTrue(now - begun < TimeUnit.MINUTES.toNanos(1), "there is no end of trials: " + pauses);
      boolean spun = await(Long.MAX_VALUE) != 0;
      if (spun && slept != 0) {
        pauses.add(Math.round(slept / 1e6));
        slept = 0;
      } else if (!spun) {
        if (pauses.isEmpty() && slept == 0) {
          long tried = TimeUnit.NANOSECONDS.toMillis(now - begun);
          assertTrue(tried >= 5 && tried < 8, tried + " ms");
        }
        slept += SLEEP;
      }
    }
    assertEquals(List.of(25L, 50L, 100L, 200L, 400L, 400L, 400L, 400L), pauses);
    assertTrue(moves >= 4 && moves < 8 * 4, moves + " changes of the core");
  }

  /** The other side sleeps, until this one is found awake. */
  @Test
  void waitsForThoseWhoWakeLate() {
    long late = LONG * 3 / 4;
    awaitFor(4, late);
    assertEquals(LONG, await(late), "second trial");
    awaitFor(100, late);
    assertEquals(LONG, await(late), "as long as it pays");
    awaitFor(10, ANSWER);
    assertEquals(SHORT, await(ANSWER), "the other side is awake");
    awaitFor(8, Long.MAX_VALUE);
    assertEquals(0, await(Long.MAX_VALUE), "nobody answers");
  }

  @Test
  void trialThatEndsWellIsAGoodOne() {
    awaitFor(2, Long.MAX_VALUE);
    awaitFor(2, ANSWER);
    assertEquals(SHORT, await(ANSWER));
    assertEquals(0, moves);
  }

  /** Whose bell is rung on another core need not move, however often it spins in vain. */
  @Test
  void staysOnACoreOfItsOwn() {
    ringerCore = 1;
    awaitFor(1_000, Long.MAX_VALUE);
    assertEquals(0, moves);
  }

  @Test
  void leavesTheRingersCoreForItsSecondTrial() {
    ringerCore = 0;
    awaitFor(2, Long.MAX_VALUE);
    assertEquals(0, moves, "one trial is for those who are alone there soon");
    awaitFor(3, Long.MAX_VALUE);
    assertEquals(1, moves);
    assertEquals(1, core);
  }

  /** The kernel has moved the sleeper to its ringer's core. */
  @Test
  void leavesTheRingersCoreAtOnceWhereSpinningHasPaid() {
    awaitFor(10, ANSWER);
    ringerCore = 0;
    await(Long.MAX_VALUE);
    assertEquals(0, moves);
    assertTrue(await(ANSWER) >= SHORT, "not counting the change");
    assertEquals(1, moves);
    awaitFor(10, ANSWER);
    assertEquals(1, moves);
  }

  /** By then the other side has spun in vain, too. */
  @Test
  void waitsForTheOtherSideOnceBehindAnAccident() {
    awaitFor(10, ANSWER);
    assertEquals(SHORT, await(Long.MAX_VALUE));
    assertEquals(WaitPolicy.REJOIN_NANOS, await(ANSWER));
    assertEquals(SHORT, await(ANSWER));
  }

  /** There the other side sleeps by its own choice, or is about to. */
  @Test
  void waitsNoLongerBehindAnAccidentWhereThereIsTimeBetweenAnswers() {
    for (int i = 0; i < 1_000; i++) {
      await(ANSWER);
      now += TimeUnit.MICROSECONDS.toNanos(100);
    }
    assertEquals(SHORT, await(Long.MAX_VALUE));
    assertEquals(SHORT, await(ANSWER));
  }

  /** Long spins that pay are no reason to go on with them. */
  @Test
  void accidentsThatAreTheRuleAreNone() {
    for (long pace : new long[] {LONG * 3 / 2, WaitPolicy.REJOIN_NANOS * 2}) {
      awaitFor(10, ANSWER);
      long spun = 0;
      long begin = now;
      while (now - begin < TimeUnit.SECONDS.toNanos(1)) {
        spun += Math.min(pace, await(pace));
        now += pace;
      }
      assertTrue(spun < TimeUnit.MILLISECONDS.toNanos(50), spun + " ns of a second");
    }
  }

  /** Its ringer needs the core: looking on would only hold it up. */
  @Test
  void sleepsAtOnceBesideItsRinger() {
    ringerCore = 0;
    await(Long.MAX_VALUE);
    assertEquals(0, await(ANSWER));
    ringerCore = 1;
    await(ANSWER);
    assertEquals(SHORT, await(ANSWER));
  }

  /** Bursts of a few messages: neither a move nor a long spin would pay. */
  @Test
  void leavesItAtThatWhereThereIsLittleToWaitFor() {
    ringerCore = 0;
    int spun = 0;
    for (int i = 0; i < 1_000; i++) {
      now += TimeUnit.MILLISECONDS.toNanos(5);
      await(Long.MAX_VALUE);
      for (int j = 0; j < 2; j++) {
        long budget = await(Long.MAX_VALUE);
        spun += budget != 0 ? 1 : 0;
        assertTrue(budget <= SHORT, budget + " ns");
      }
    }
    assertEquals(0, moves);
    assertEquals(0, spun);
  }

  @Test
  void changesNoMoreThanItPays() {
    awaitFor(10, ANSWER);
    for (int i = 0; i < 100_000; i++) {
      ringerCore = core; // Wherever the waiter goes, the other side comes behind it.
      await(Long.MAX_VALUE);
    }
    assertTrue(moves < 100, moves + " changes of the core in a second");
  }

  @Test
  void blocksIfItIsToldTo() {
    policy = policy("block");
    assertEquals(0, await(ANSWER));
    assertFalse(yields());
  }

  /** On a busy SAN; the last bell was rung on this core. */
  private boolean yields() {
    past.event(now);
    past.slept(Bell.from(core));
    return policy.tryYield(past, Long.MAX_VALUE, now);
  }

  private void yieldFor(boolean hit, long took) {
    assertTrue(yields(), "a yield pays");
    now += took;
    policy.yielded(past, hit, now - took, now);
  }

  @Test
  void yieldsAsLongAsItPays() {
    for (int i = 0; i < 1_000; i++) {
      yieldFor(true, LONG);
      yieldFor(false, ANSWER);
    }
    assertEquals(2_000, yields);
  }

  /**
   * Another thread needs the core for so long from time to time.
   *
   * @param idle nanoseconds between its turns
   * @return the part of a minute that yields have lost to it
   */
  private double lostToAnother(long turn, long idle, boolean hit) {
    long began = now;
    long turnAt = now;
    long lost = 0;
    for (int i = 0; now - began < TimeUnit.MINUTES.toNanos(1); i++) {
      boolean itsTurn = now - turnAt >= 0;
      if (yields()) {
        long took = itsTurn ? turn : ANSWER;
        now += took;
        policy.yielded(past, itsTurn ? hit : i % 2 == 0, now - took, now);
        lost += itsTurn ? took : 0;
      }
      now += SLEEP;
      if (itsTurn) {
        turnAt = now + idle;
      }
    }
    return (double) lost / (now - began);
  }

  @Test
  void losesLittleTimeToOthersByYielding() {
    for (long millis : new long[] {1, 3, 14, 30}) {
      long turn = TimeUnit.MILLISECONDS.toNanos(millis);
      for (long idle : new long[] {0, turn, 2 * turn}) {
        for (boolean hit : new boolean[] {false, true}) {
          past = new Past();
          now = System.nanoTime();
          double lost = lostToAnother(turn, idle, hit);
          assertTrue(lost < 0.02, lost + " of the time, turns of " + millis + " ms, " + idle);
        }
      }
    }
  }

  @Test
  void yieldsSeldomWhereNobodyAnswers() {
    long began = now;
    while (now - began < TimeUnit.SECONDS.toNanos(1)) {
      if (yields()) {
        now += ANSWER;
        policy.yielded(past, false, now - ANSWER, now);
      }
      now += SLEEP;
    }
    long share = yields * ANSWER * 100 / TimeUnit.SECONDS.toNanos(1);
    assertEquals(0, share, yields + " yields");
  }

  /** Both sides on one core, on which another thread runs now and then. */
  @Test
  void yieldsOnWhereOthersSeldomTakeTheCore() {
    for (int i = 0; i < 100; i++) {
      for (int j = 0; j < 1_000; j++) {
        yieldFor(true, ANSWER);
      }
      yieldFor(false, TimeUnit.MILLISECONDS.toNanos(1));
    }
    assertEquals(100 * 1_001, yields);
  }

  @Test
  void comesBackToYields() {
    lostToAnother(TimeUnit.MILLISECONDS.toNanos(3), 0, true);
    now += TimeUnit.SECONDS.toNanos(1);
    past.event(now);
    for (int i = 0; i < 40_000; i++) {
      yieldFor(true, ANSWER);
    }
    yieldFor(false, ANSWER);
    assertTrue(yields());
  }

  /** The core is somebody else's for milliseconds, perhaps. */
  @Test
  void whoHasLittleTimeDoesNotYield() {
    past.slept(Bell.from(core));
    assertFalse(policy.tryYield(past, TimeUnit.MILLISECONDS.toNanos(10), now));
    assertTrue(policy.tryYield(past, TimeUnit.MILLISECONDS.toNanos(100), now));
  }

  @Test
  void yieldsOnlyToTheOtherSide() {
    assertFalse(policy.tryYield(past, Long.MAX_VALUE, now), "nobody has rung");
    past.slept(Bell.from(1 - core));
    assertFalse(policy.tryYield(past, Long.MAX_VALUE, now), "it runs elsewhere");
    past.slept(Bell.from(core));
    now += TimeUnit.MILLISECONDS.toNanos(2);
    assertFalse(policy.tryYield(past, Long.MAX_VALUE, now), "it has nothing to say");
    past.event(now);
    assertFalse(policy.tryYield(past, Long.MAX_VALUE, now), "it may have nothing to say for long");
    past.event(now);
    assertTrue(policy.tryYield(past, Long.MAX_VALUE, now));
  }

  /** Nobody can have had the core meanwhile. */
  @Test
  void whoAnswersBeforeTheCoreCouldChangeHandsRunsElsewhere() {
    past.slept(Bell.from(core));
    assertTrue(policy.tryYield(past, Long.MAX_VALUE, now));
    policy.yielded(past, true, now, now + ANSWER);
    assertFalse(policy.tryYield(past, Long.MAX_VALUE, now + ANSWER));
  }

  @Test
  void whoNeitherSpinsNorYieldsDoesNotAskForTheCore() {
    past.slept(Bell.from(core));
    now += TimeUnit.MILLISECONDS.toNanos(2);
    int asked = coresAsked;
    assertEquals(0, policy.begin(past, Long.MAX_VALUE, now));
    assertFalse(policy.tryYield(past, Long.MAX_VALUE, now));
    assertEquals(asked, coresAsked);
  }

  /** What a selector does. */
  @Test
  void looksBehindAYield() throws IOException {
    for (boolean found : new boolean[] {true, false}) {
      WaitPolicy.Spinner spinner =
          new WaitPolicy.Spinner() {
            @Override
            public boolean somethingToLookAt() {
              return found && yields != 0;
            }

            @Override
            public boolean kernelIsReady() {
              return false;
            }
          };
      yields = 0;
      Past fresh = new Past();
      fresh.event(System.nanoTime() + TimeUnit.SECONDS.toNanos(10)); // However slow the test.
      fresh.slept(Bell.from(core));
      assertEquals(
          found ? WaitPolicy.Spun.FOUND : WaitPolicy.Spun.IN_VAIN,
          policy.spin(spinner, fresh, Long.MAX_VALUE));
      assertEquals(1, yields);
    }
  }

  @Test
  void spinsForNoTimeIfItIsToldTo() {
    policy = new WaitPolicy(Settings.of(Map.of("spin-micros", "0")), new TwoCores());
    awaitFor(100, ANSWER);
    policy = policy("spin"); // The processors' spinners are counted for the whole process.
    assertTrue(await(ANSWER) > 0);
  }

  @Test
  void spinsInVainIfItIsToldTo() {
    policy = policy("spin");
    awaitFor(500, Long.MAX_VALUE);
    assertTrue(await(Long.MAX_VALUE) > LONG);
  }

  // -- Where others need the core

  /** Nobody is there: yields cost nothing, and show that. */
  @Test
  void spinsOnWhereItIsAlone() {
    manyWait();
    long end = now + TimeUnit.MILLISECONDS.toNanos(100);
    while (now - end < 0) {
      assertTrue(await(ANSWER) >= SHORT); // Now and then it tries a longer one.
    }
    long most = TimeUnit.MILLISECONDS.toNanos(100) / Turns.ALONE_NANOS;
    assertTrue(yields > most / 2 && yields <= most + 1, yields + " yields");
    assertEquals(0, rests);
  }

  @Test
  void doesNotSpinOnACrowdedCoreAndLooksAgainForLessAndLess() {
    manyWait();
    crowded = true;
    awaitFor(2, ANSWER);
    List<Integer> pauses = new ArrayList<>();
    int before = yields;
    long since = now;
    for (long end = now + TimeUnit.SECONDS.toNanos(2); now - end < 0; ) {
      assertEquals(0, await(ANSWER));
      if (yields != before) {
        before = yields;
        pauses.add((int) Math.round((now - since) / 25e6));
        since = now;
      }
    }
    assertEquals(List.of(1, 2, 4, 8, 16, 16), pauses.subList(0, 6), "in 25 ms");
    assertEquals(0, rests, "who sleeps lets others have the core");
  }

  @Test
  void spinsAgainWhereOthersHaveGone() {
    manyWait();
    crowded = true;
    awaitFor(2, ANSWER);
    assertEquals(0, await(ANSWER));
    crowded = false;
    awaitFor(26, ANSWER);
    assertEquals(SHORT, await(ANSWER));
  }

  /** An interrupt or a short turn of another thread now and then is no crowd. */
  @Test
  void fewOthersAreNoCrowd() {
    manyWait();
    for (int i = 0; i < 100_000; i++) {
      crowded = yields % 8 < 2;
      assertEquals(SHORT, Math.min(SHORT, await(ANSWER)));
    }
    assertEquals(0, rests);
  }

  /** With whoever finds an answer whenever he looks, others would never have the core. */
  @Test
  void restsOnACrowdedCoreIfItNeverSleeps() {
    manyWait();
    for (String wait : List.of("adaptive", "block")) {
      policy = policy(wait);
      past = new Past(); // It has looked at the clock.
      now = System.nanoTime();
      past.event(now);
      crowded = true;
      rests = 0;
      long begun = now;
      for (long end = now + TimeUnit.MILLISECONDS.toNanos(20); now - end < 0; ) {
        othersWait();
        if (policy.begin(past, Long.MAX_VALUE, now) != 0) {
          policy.ended(past, true, now);
        }
        now += ANSWER;
      }
      long most = (now - begun) / Turns.WAITER_NANOS;
      assertTrue(rests > most / 2 && rests <= most, wait + ": " + rests + " rests of " + most);
    }
  }

  /** Others' turns take longer than that. */
  @Test
  void givesNothingAwayWithoutTheTime() {
    manyWait();
    crowded = true;
    for (long end = now + TimeUnit.MILLISECONDS.toNanos(100); now - end < 0; now += ANSWER) {
      othersWait();
      if (policy.begin(past, TimeUnit.MILLISECONDS.toNanos(10), now) != 0) {
        policy.ended(past, true, now);
      }
    }
    assertEquals(0, yields + rests);
  }

  /** With threads that compute the kernel shares the core out fairly. */
  @Test
  void spinsBesideThreadsThatDoNotWait() {
    crowded = true;
    awaitFor(100, ANSWER);
    assertEquals(SHORT, await(ANSWER));
    assertEquals(0, yields + rests);
  }

  @Test
  void whoSpinsInAnyCaseGivesNothingAway() {
    manyWait();
    policy = policy("spin");
    crowded = true;
    awaitFor(100, ANSWER);
    assertEquals(0, yields + rests);
  }
}
