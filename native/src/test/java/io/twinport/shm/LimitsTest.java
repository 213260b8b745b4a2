package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.config.Settings;
import io.twinport.posix.Posix;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
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

  private static String child(String limit, String what) throws Exception {
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
            LimitsTest.class.getName(),
            what);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), said);
    return said.lines().reduce((first, last) -> last).orElse("");
  }

  @Test
  void namesTakeAnEighthOfTheDescriptors() throws Exception {
    assertEquals(DESCRIPTORS / 8 + " then DESCRIPTORS", child("-n " + DESCRIPTORS, "names"));
  }

  @Test
  void aProviderThatMayNotMakeItsFilesDoesNotStart() throws Exception {
    String said = child("-f 250", "files");
    assertTrue(said.contains("ulimit -f"), said);
  }

  /** In the other process. */
  public static void main(String[] arguments) throws Exception {
    Posix.load(null);
    ShmProvider provider = new ShmProvider();
    provider.configure(Settings.defaults());
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
    } catch (IOException e) {
      System.out.println(e.getMessage());
    }
    System.exit(0);
  }
}
