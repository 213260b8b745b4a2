package io.twinport.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineCheckTest {
  @ParameterizedTest
  @CsvSource({
    "5.1.0, true",
    "5.0.21-generic, false",
    "4.19.0-25-amd64, false",
    "6.18, true",
    "10.0-rc1, true",
    "something else, true",
  })
  void kernels(String release, boolean recent) {
    assertEquals(recent, MachineCheck.isRecent(release));
  }

  @Test
  void theDeepestMountCounts() {
    List<String> mounts =
        List.of(
            "/dev/vda / ext4 rw,relatime 0 0",
            "tmpfs /tmp tmpfs rw,nosuid,noexec 0 0",
            "tmpfs /tmp/a\\040b tmpfs rw 0 0",
            "tmpfs /tmpx tmpfs rw,noexecutable 0 0");
    assertEquals(false, MachineCheck.isNoExec(Path.of("/var/tmp"), mounts));
    assertEquals(true, MachineCheck.isNoExec(Path.of("/tmp/x"), mounts));
    assertEquals(false, MachineCheck.isNoExec(Path.of("/tmp/a b/c"), mounts));
    assertEquals(false, MachineCheck.isNoExec(Path.of("/tmpx"), mounts));
  }

  @Test
  void whatIsMountedOverAnotherHidesIt() {
    List<String> mounts = List.of("a /tmp tmpfs rw,noexec 0 0", "b /tmp tmpfs rw 0 0");
    assertEquals(false, MachineCheck.isNoExec(Path.of("/tmp"), mounts));
  }
}
