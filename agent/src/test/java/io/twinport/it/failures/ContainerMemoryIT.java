package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much shared memory a process in a container may own. */
@Timeout(240)
class ContainerMemoryIT {
  private static final int LIMIT_MIB = 1000;

  @Test
  void isATenthOfTheContainersAtMost() throws Exception {
    assertMost("1g", LIMIT_MIB / 10);
  }

  @Test
  void isWhatTheUserSaysIfThatIsLess() throws Exception {
    assertMost("10m", 10);
  }

  private static void assertMost(String maxBytes, int mib) throws Exception {
    Setup.needsSan();
    Setup.needsRoot();
    Path root = Path.of("/sys/fs/cgroup/memory");
    String limit = "memory.limit_in_bytes";
    if (!Files.exists(root.resolve(limit))) {
      root = Path.of("/sys/fs/cgroup");
      limit = "memory.max";
    }
    Path group = newGroup(root, limit);
    // As container engines do it: the group is all that is seen of the hierarchy.
    String script =
        ("echo 0 > GROUP/cgroup.procs && exec unshare --cgroup --mount sh -c"
                + " 'mount --bind GROUP ROOT && exec \"$@\"' sh \"$@\"")
            .replace("GROUP", group.toString())
            .replace("ROOT", root.toString());
    try (Program server =
            Jvm.of("SelectorEchoServer", "127.0.0.1/0")
                .twinport("shm.max-bytes", maxBytes)
                .through("sh", "-c", script, "sh")
                .start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOffTcp(server, server.port(), 1);
      String details = ((Map<?, ?>) SwitchStatus.of(server).json().get("details")).toString();
      assertTrue(details.contains(" of " + mib * 1024 + " KiB"), details);
    } finally {
      // It can't be removed while it still counts a process that has just ended.
      Eventually.within(Duration.ofSeconds(5), () -> group.toFile().delete(), gone -> gone);
    }
  }

  private static Path newGroup(Path root, String limit) throws IOException {
    Path group = root.resolve("twinport-it-" + ProcessHandle.current().pid());
    try {
      Files.createDirectory(group);
      Files.writeString(group.resolve(limit), Integer.toString(LIMIT_MIB << 20));
    } catch (IOException e) {
      Files.deleteIfExists(group);
      Setup.needs(false, "memory control group to be changed: " + e);
    }
    return group;
  }
}
