package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.host.Given;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a process may not have enough of goes by TCP before it begins, and is left to others. */
@Timeout(60)
final class LimitsTest {
  private static final int DESCRIPTORS = 400;
  private static final int FIRST_PORT = 20_000;

  private static String child(String limit) throws Exception {
    List<String> command =
        List.of(
            "sh",
            "-c",
            "ulimit " + limit + "; exec \"$@\"",
            "sh",
            System.getProperty("java.home") + "/bin/java",
            "-Xmx64m",
            "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-Djffi.unsafe.disabled=true",
            "-cp",
            System.getProperty("java.class.path"),
            LimitsTest.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  @Test
  void namesTakeAnEighthOfTheDescriptors() throws Exception {
    String said = child("-n " + DESCRIPTORS);
    assertEquals(DESCRIPTORS / 8 + " then DESCRIPTORS", said);
  }

  @Test
  void aProviderThatMayNotMakeItsFilesDoesNotStart() throws Exception {
    String said = child("-f 4000");
    List<String> lines = said.lines().toList();
    assertEquals(2, lines.size(), said);
    assertTrue(lines.get(0).contains("ulimit -f"), said);
    assertEquals("0 then PROVIDER_FAILED", lines.get(1));
  }

  /** In the other process. */
  public static void main(String[] arguments) throws Exception {
    ShmProvider provider = new ShmProvider();
    provider.configure(Given.nothing());
    int listeners = 0;
    try {
      for (; listeners < DESCRIPTORS; listeners++) {
        InetSocketAddress local =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), FIRST_PORT + listeners);
        provider.listen(local, 5, destination -> null);
      }
    } catch (SanUnavailableException e) {
      Reason reason = e.reason();
      System.out.println(listeners + " then " + reason.name());
    }
    System.exit(0);
  }
}
