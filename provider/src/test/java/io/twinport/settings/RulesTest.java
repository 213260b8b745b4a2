package io.twinport.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.settings.Rules.Call;
import io.twinport.settings.Rules.Use;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RulesTest {
  private static InetAddress ip(String text) throws UnknownHostException {
    return InetAddress.getByName(text);
  }

  @Test
  void withoutRulesEverythingIsTwin() throws Exception {
    assertEquals(Use.TWIN, Rules.parse("", new ArrayList<>()).use(Call.LISTEN, ip("10.0.0.1"), 80));
  }

  @Test
  void theFirstMatchWins() throws Exception {
    Rules rules =
        Rules.parse("use tcp listen 10.0.0.0/9 80-90; use san listen * *", new ArrayList<>());
    assertEquals(Use.TCP, rules.use(Call.LISTEN, ip("10.1.2.3"), 85));
    assertEquals(Use.SAN, rules.use(Call.LISTEN, ip("10.1.2.3"), 91));
    assertEquals(Use.SAN, rules.use(Call.LISTEN, ip("10.128.0.1"), 85));
    assertEquals(Use.TWIN, rules.use(Call.CONNECT, ip("10.1.2.3"), 85));
  }

  @Test
  void ipv6PrefixesMatchBitByBit() throws Exception {
    Rules rules = Rules.parse("use tcp connect fe80::/10 *", new ArrayList<>());
    assertEquals(Use.TCP, rules.use(Call.CONNECT, ip("febf::1"), 1));
    assertEquals(Use.TWIN, rules.use(Call.CONNECT, ip("fec0::1"), 1));
    assertEquals(Use.TWIN, rules.use(Call.CONNECT, ip("127.0.0.1"), 1));
  }

  @Test
  void theOldSdpLinesAreUnderstood() throws Exception {
    Rules rules =
        Rules.parse("connect 192.168.1.0/24 1024-; use tcp connect * *", new ArrayList<>());
    assertEquals(Use.TWIN, rules.use(Call.CONNECT, ip("192.168.1.7"), 2000));
    assertEquals(Use.TCP, rules.use(Call.CONNECT, ip("192.168.1.7"), 1000));
  }

  @Test
  void aTypoIsReportedWithItsPlaceAndTheOtherLinesStand(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("rules");
    Files.writeString(
        file, "# ours\nuse tcpp listen * *\n\nuse tcp listen * 99999\nuse tcp listen * 80\n");
    List<String> complaints = new ArrayList<>();
    Rules rules = Rules.parse(file.toString(), complaints);
    String lines = String.join("\n", complaints);
    assertEquals(2, lines.lines().count(), lines);
    assertTrue(lines.contains(file + ":2: "), lines);
    assertTrue(lines.contains(file + ":4: "), lines);
    assertEquals(Use.TCP, rules.use(Call.LISTEN, ip("127.0.0.1"), 80));
  }
}
