package io.twinport.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever becomes of a start, nobody waits for it for ever. */
@Tag("on-one-jdk")
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StarterTest {
  private record Outcome(String connect, IOException why) {}

  private interface Step {
    void run() throws Exception;
  }

  /** Starts by a step, and can't connect to "broken". */
  private static final class Scripted extends Starter<String, String> {
    final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    private final Step step;

    Scripted(Step step) {
      super(
          "scripted",
          "a scripted provider",
          HostSettings.read(HostSettings.values(Given.nothing())));
      this.step = step;
    }

    @Override
    protected String create() throws IOException {
      try {
        step.run();
      } catch (RuntimeException | IOException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
      return "node";
    }

    @Override
    protected void connect(String node, String connect) {
      if (connect.equals("broken")) {
        throw new IllegalStateException("a fault in the provider");
      }
      outcomes.add(new Outcome(connect, null));
    }

    @Override
    protected void end(String node) {
      ended.add(node);
    }

    @Override
    protected void fail(String connect, IOException why) {
      outcomes.add(new Outcome(connect, why));
    }
  }

  @Test
  void nothingBeginsOnceTheProcessEnds() {
    Scripted starter =
        new Scripted(
            () -> {
              throw new AssertionError("it begins");
            });
    starter.processEnds();
    starter.prepare();
    assertThrows(SanUnavailableException.class, starter::start);
    assertThrows(SanUnavailableException.class, () -> starter.connectOnceStarted("late"));
    assertTrue(starter.ended.isEmpty());
  }

  @Test
  void whatStartsWhileTheProcessEndsIsEndedWithIt() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    Scripted starter =
        new Scripted(
            () -> {
              begun.countDown();
              over.await();
            });
    starter.prepare();
    begun.await();
    starter.processEnds();
    assertTrue(starter.ended.isEmpty());
    over.countDown();
    assertEquals("node", starter.ended.take());
  }

  @Test
  void whatHasStartedIsEndedWithTheProcess() throws Exception {
    Scripted starter = new Scripted(() -> {});
    starter.prepare();
    assertEquals("node", starter.start());
    starter.processEnds();
    assertEquals("node", starter.ended.take());
  }

  @Test
  void aStartThatDiesIsAFailureForAllWhoWaitAndForThoseWhoCome() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    Scripted starter =
        new Scripted(
            () -> {
              asked.await();
              throw new StackOverflowError();
            });
    starter.connectOnceStarted("first");
    asked.countDown();
    Outcome first = starter.outcomes.take();
    assertEquals(
        Reason.PROVIDER_FAILED,
        assertInstanceOf(SanUnavailableException.class, first.why).reason());
    assertThrows(SanUnavailableException.class, starter::start);
    assertThrows(SanUnavailableException.class, () -> starter.connectOnceStarted("second"));
  }

  @Test
  void nobodyWaitsForAStartWithoutEnd() throws Exception {
    CountDownLatch stalled = new CountDownLatch(1);
    Scripted starter = new Scripted(stalled::await);
    starter.connectOnceStarted("first");
    Outcome first = starter.outcomes.take();
    assertEquals("first", first.connect);
    assertInstanceOf(SanUnavailableException.class, first.why);
    assertThrows(
        SanUnavailableException.class, () -> starter.connectOnceStarted("second"), "not again");
    assertThrows(SanUnavailableException.class, starter::start);
    stalled.countDown();
    while (starter.started() == null) {
      Thread.onSpinWait();
    }
    assertEquals("node", starter.start());
    starter.connectOnceStarted("third");
    assertEquals(new Outcome("third", null), starter.outcomes.take());
  }

  @Test
  void anInterruptIsKeptForTheApplication() throws Exception {
    Scripted starter = new Scripted(() -> Thread.sleep(50));
    Thread.currentThread().interrupt();
    assertEquals("node", starter.start());
    assertTrue(Thread.interrupted());
  }

  @Test
  void whoStartsLendsNothingOfHisThread() throws Exception {
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    Scripted starter = new Scripted(() -> threads.add(Thread.currentThread()));
    starter.start();
    assertNotSame(Thread.currentThread(), threads.take());
  }

  @Test
  void oneConnectThatCantBeBegunDoesNotKeepTheOthers() throws Exception {
    CountDownLatch both = new CountDownLatch(1);
    Scripted starter = new Scripted(both::await);
    starter.connectOnceStarted("broken");
    starter.connectOnceStarted("other");
    both.countDown();
    Outcome broken = starter.outcomes.take();
    assertEquals("broken", broken.connect);
    assertInstanceOf(IllegalStateException.class, broken.why.getCause());
    Outcome other = starter.outcomes.take();
    assertEquals("other", other.connect);
    assertNull(other.why);
    assertEquals("node", starter.start());
  }
}
