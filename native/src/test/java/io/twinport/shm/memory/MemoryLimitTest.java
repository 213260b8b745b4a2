package io.twinport.shm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the limits of control groups holds for this process, in trees of files. */
class MemoryLimitTest {
  private static final long ASKED = 1L << 30;
  private static final long LIMIT = 300_000_000;
  private static final String V2 =
      "30 23 0:26 %s %s rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
  private static final String V1 =
      """
      31 23 0:27 %s %s rw,relatime - cgroup cgroup rw,memory
      32 23 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
      """;

  @TempDir Path root;

  @BeforeEach
  void somethingElseIsMounted() throws IOException {
    mounts("22 1 8:1 / / rw - ext4 /dev/sda1 rw\nnonsense\n");
  }

  @Test
  void withoutAnyGroupThereIsNoLimit() {
    assertLimit(ASKED);
  }

  @Test
  void theOwnGroupsLimitHolds() throws IOException {
    groups("0::/system.slice/app.service\n");
    mounts(V2.formatted("/", "/sys/fs/cgroup"));
    file("/sys/fs/cgroup/system.slice/app.service/memory.max", LIMIT);
    file("/sys/fs/cgroup/system.slice/memory.max", "max");
    assertLimit(LIMIT / 10);
  }

  @Test
  void anyParentsLimitHolds() throws IOException {
    groups("0::/a/b/c\n");
    mounts(V2.formatted("/", "/sys/fs/cgroup"));
    file("/sys/fs/cgroup/a/b/c/memory.max", 2 * LIMIT);
    file("/sys/fs/cgroup/a/b/memory.max", "max");
    file("/sys/fs/cgroup/a/memory.max", LIMIT);
    assertLimit(LIMIT / 10);
  }

  @Test
  void anotherGroupsLimitDoesNot() throws IOException {
    groups("0::/a/b\n");
    mounts(V2.formatted("/", "/sys/fs/cgroup"));
    file("/sys/fs/cgroup/a/b/memory.max", "max");
    file("/sys/fs/cgroup/a/b/c/memory.max", LIMIT);
    file("/sys/fs/cgroup/b/memory.max", LIMIT);
    assertLimit(ASKED);
  }

  @Test
  void aLimitAboveWhichTheKernelReclaimsIsOne() throws IOException {
    groups("0::/a\n");
    mounts(V2.formatted("/", "/sys/fs/cgroup"));
    file("/sys/fs/cgroup/a/memory.max", "max");
    file("/sys/fs/cgroup/a/memory.high", LIMIT);
    assertLimit(LIMIT / 10);
  }

  @Test
  void inANamespaceTheMountsRootIsTheOwnGroup() throws IOException {
    groups("0::/\n");
    mounts(V2.formatted("/", "/sys/fs/cgroup"));
    file("/sys/fs/cgroup/memory.max", LIMIT);
    assertLimit(LIMIT / 10);
  }

  @Test
  void aMountMayShowAPartOfTheTree() throws IOException {
    groups("5:memory:/docker/abc/inner\n0::/\n");
    mounts(V1.formatted("/docker/abc", "/sys/fs/cgroup/memory"));
    file("/sys/fs/cgroup/memory/inner/memory.limit_in_bytes", LIMIT);
    assertLimit(LIMIT / 10);
  }

  @Test
  void aMountMayShowAnotherPartOfTheTree() throws IOException {
    groups("5:memory:/docker/abc\n");
    mounts(V1.formatted("/docker/abcdef", "/sys/fs/cgroup/memory"));
    file("/sys/fs/cgroup/memory/memory.limit_in_bytes", LIMIT);
    assertLimit(LIMIT / 10);
  }

  @Test
  void aGroupOutsideItsNamespaceIsFound() throws IOException {
    groups("0::/../other\n");
    mounts(V2.formatted("/..", "/sys/fs/cgroup"));
    file("/sys/fs/cgroup/other/memory.max", LIMIT);
    assertLimit(LIMIT / 10);
  }

  @Test
  void versionOneIsFoundBesideVersionTwo() throws IOException {
    groups("9:name=systemd:/\n4:cpu,memory:/jobs/1\n0::/\n");
    mounts(
        V2.formatted("/", "/sys/fs/cgroup/unified")
            + V1.formatted("/", "/sys/fs/cgroup/cpu\\040memory"));
    file("/sys/fs/cgroup/cpu memory/memory.limit_in_bytes", 9223372036854771712L);
    file("/sys/fs/cgroup/cpu memory/jobs/memory.limit_in_bytes", 2 * LIMIT);
    file("/sys/fs/cgroup/cpu memory/jobs/1/memory.limit_in_bytes", LIMIT);
    assertLimit(LIMIT / 10);
  }

  @Test
  void versionOneTellsOfGroupsThatNoMountShows() throws IOException {
    groups("4:memory:/\n");
    mounts(V1.formatted("/", "/sys/fs/cgroup/memory"));
    file("/sys/fs/cgroup/memory/memory.limit_in_bytes", 9223372036854771712L);
    file(
        "/sys/fs/cgroup/memory/memory.stat",
        "cache 17\nhierarchical_memory_limit " + LIMIT + "\nhierarchical_memsw_limit 1\n");
    assertLimit(LIMIT / 10);
  }

  @Test
  void theMountMayBeAnywhere() throws IOException {
    groups("0::/a\n");
    mounts(V2.formatted("/", "/run/groups"));
    file("/run/groups/a/memory.max", LIMIT);
    assertLimit(LIMIT / 10);
  }

  @Test
  void aLargeLimitDoesNotRaiseWhatWasAskedFor() throws IOException {
    groups("0::/a\n");
    mounts(V2.formatted("/", "/sys/fs/cgroup"));
    file("/sys/fs/cgroup/a/memory.max", 100 * ASKED);
    assertLimit(ASKED);
  }

  @Test
  void whatIsNoNumberIsNoLimit() throws IOException {
    groups("0::/a\n");
    mounts(V2.formatted("/", "/sys/fs/cgroup"));
    file("/sys/fs/cgroup/a/memory.max", "18446744073709551615");
    assertLimit(ASKED);
  }

  private void assertLimit(long expected) {
    assertEquals(expected, MemoryLimit.apply(ASKED, root.toString()));
  }

  private void groups(String lines) throws IOException {
    file("/proc/self/cgroup", lines);
  }

  private void mounts(String lines) throws IOException {
    file("/proc/self/mountinfo", lines);
  }

  private void file(String path, long number) throws IOException {
    file(path, number + "\n");
  }

  private void file(String path, String text) throws IOException {
    Path file = Path.of(root + path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
