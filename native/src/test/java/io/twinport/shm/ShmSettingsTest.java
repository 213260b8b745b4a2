package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.config.OnError;
import io.twinport.host.BacklogFull;
import io.twinport.host.Given;
import io.twinport.host.HostSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShmSettingsTest {
  @Test
  void defaultsAreThoseOfTheManual() {
    assertEquals(
        new ShmSettings(
            new HostSettings(BacklogFull.REFUSE, OnError.FALLBACK, 1_000, null),
            1_000,
            List.of(),
            65_536,
            1L << 30),
        ShmSettings.read(Given.nothing()));
  }

  @Test
  void readsWhatIsGiven() {
    Map<String, String> given =
        Map.of(
            "backlog-full", "tcp",
            "on-error", "fail",
            "start-millis", "7",
            "native-dir", "/x",
            "shm.connect-millis", "8",
            "allow-uids", "1, 2,4294967295",
            "shm.ring-bytes", "8k",
            "shm.max-bytes", "16m");
    assertEquals(
        new ShmSettings(
            new HostSettings(BacklogFull.TCP, OnError.FAIL, 7, "/x"),
            8,
            List.of(1, 2, -1),
            8192,
            16 << 20),
        ShmSettings.read(Given.of(given)));
  }
}
