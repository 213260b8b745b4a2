package io.twinport.aio;

import static io.twinport.support.ListeningProvider.ASLEEP;
import static io.twinport.support.ListeningProvider.AWAKE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.core.Switch;
import io.twinport.nio.TwinSelectorProvider;
import io.twinport.settings.Settings;
import io.twinport.support.ListeningProvider;
import io.twinport.waiting.EpollBell;
import java.nio.channels.AsynchronousChannelGroup;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom a channel group tells that it sleeps, and when. */
@Timeout(60)
final class TwinPortTest {
  private final ListeningProvider provider = new ListeningProvider();
  private TwinSelectorProvider channels = channels(Map.of());

  /** A {@link TwinPort}, which is named only where it runs: before, it may not link. */
  private AsynchronousChannelGroup group;

  private TwinSelectorProvider channels(Map<String, String> options) {
    Map<String, String> settings = new HashMap<>(options);
    settings.put("providers", provider.name());
    return TwinSelectorProvider.of(Switch.of(Settings.of(settings), provider));
  }

  private void openGroup() throws Exception {
    group =
        TwinAsynchronousChannelProvider.of(channels.owner())
            .openAsynchronousChannelGroup(
                1,
                task -> {
                  Thread thread = new Thread(task, "group");
                  thread.setDaemon(true);
                  return thread;
                });
  }

  @AfterEach
  void endGroup() throws Exception {
    if (group != null) {
      group.shutdownNow();
      assertTrue(group.awaitTermination(20, TimeUnit.SECONDS));
    }
  }

  /** Whatever came before: in the end the group sleeps, and has said so. */
  private void assertHearsOfASleep() throws InterruptedException {
    String last;
    do {
      last = provider.heard.poll(20, TimeUnit.SECONDS);
    } while (AWAKE.equals(last));
    assertEquals(ASLEEP, last);
  }

  @Test
  void providerThatStartsWhileTheGroupSleepsIsToldBehindTheFirstArming() throws Exception {
    assertEquals(1, channels.owner().providers().all().length);
    openGroup();
    assertHearsOfASleep();
    provider.started = true;
    ((TwinPort) group).armed();
    assertHearsOfASleep();
  }

  @Test
  void providerThatIsLoadedWhileTheGroupSleepsIsToldBehindTheFirstArming() throws Exception {
    openGroup();
    provider.started = true;
    assertEquals(1, channels.owner().providers().all().length);
    ((TwinPort) group).armed();
    assertHearsOfASleep();
  }

  @Test
  void armingDoesNotWakeAGroupThatWasHeard() throws Exception {
    provider.started = true;
    assertEquals(1, channels.owner().providers().all().length);
    openGroup();
    assertHearsOfASleep();
    for (int i = 0; i < 10; i++) {
      ((TwinPort) group).armed();
    }
    assertEquals(null, provider.heard.poll(100, TimeUnit.MILLISECONDS));
  }

  /** A peer that has been told of a sleep rings once more, and so on, if a ring announces one. */
  @Test
  void aRingOfAnEarlierSleepIsTakenAwake() throws Exception {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "with one processor nobody spins");
    channels = channels(Map.of("wait", "spin", "spin-micros", "1000000"));
    provider.started = true;
    assertEquals(1, channels.owner().providers().all().length);
    openGroup();
    assertHearsOfASleep();
    EpollBell bell = (EpollBell) provider.bell;
    for (int i = 0; i < 20; i++) {
      bell.ring();
      TimeUnit.MILLISECONDS.sleep(1);
    }
    int sleeps = Collections.frequency(provider.heard, ASLEEP);
    assertTrue(sleeps < 10, sleeps + " sleeps");
  }
}
