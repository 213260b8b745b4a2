package io.twinport.nio;

import static io.twinport.nio.ListeningProvider.ASLEEP;
import static io.twinport.nio.ListeningProvider.AWAKE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.config.Settings;
import java.nio.channels.AsynchronousChannelGroup;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom a channel group tells that it sleeps, and when. */
@Timeout(60)
final class TwinPortTest {
  private final ListeningProvider provider = new ListeningProvider();
  private final TwinSelectorProvider channels =
      TwinSelectorProvider.of(Settings.of(Map.of("providers", "listening")), provider);

  /** A {@link TwinPort}, which is named only where it runs: before, it may not link. */
  private AsynchronousChannelGroup group;

  private void openGroup() throws Exception {
    group =
        TwinAsynchronousChannelProvider.of(channels)
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
    group.shutdownNow();
    assertTrue(group.awaitTermination(20, TimeUnit.SECONDS));
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
}
