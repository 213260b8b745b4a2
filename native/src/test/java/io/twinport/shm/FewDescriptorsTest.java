package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.config.Values;
import io.twinport.host.Given;
import io.twinport.host.LocalAddresses;
import io.twinport.posix.Posix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A provider that can't start, because descriptors run out somewhere on the way, keeps none. */
@Timeout(60)
final class FewDescriptorsTest {
  /** More than a node takes. */
  private static final int MOST = 40;

  @Test
  void aStartThatFailsGivesBackAllItHad() throws Exception {
    List<String> command =
        List.of(
            "sh",
            "-c",
            "ulimit -n 150; exec \"$@\"",
            "sh",
            System.getProperty("java.home") + "/bin/java",
            "-Xmx64m",
            "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-Djffi.unsafe.disabled=true",
            "-cp",
            System.getProperty("java.class.path"),
            FewDescriptorsTest.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), said);
    assertEquals("failed and started", said.lines().reduce((first, last) -> last).orElse(""), said);
  }

  /** Starts nodes with one more free descriptor each time, until one starts. */
  public static void main(String[] args) throws Exception {
    loadAll(Node.class);
    loadAll(Values.class);
    ShmSettings settings = ShmSettings.read(Given.nothing());
    LocalAddresses addresses = new LocalAddresses();
    new Node(settings, addresses); // whatever is read but once is, from here on
    List<Integer> hogged = new ArrayList<>();
    hog(hogged);
    boolean failed = false;
    for (int free = 0; free < MOST; free++) {
      for (int i = 0; i < free; i++) {
        Posix.close(hogged.remove(hogged.size() - 1));
      }
      try {
        new Node(settings, addresses);
        System.out.println(failed ? "failed and started" : "started with " + free);
        System.exit(0);
      } catch (IOException e) {
        failed = true;
      }
      int left = hog(hogged);
      // the first node's thread may have one in its hand at this moment
      for (int looks = 0; left < free && looks < 500; looks++) {
        Thread.sleep(10);
        left += hog(hogged);
      }
      if (left != free) {
        System.out.println("of " + free + " descriptors " + left + " are left");
        System.exit(1);
      }
    }
    System.out.println("not started with " + MOST);
    System.exit(1);
  }

  private static final Set<String> OF_SWITCH =
      Set.of("core", "nio", "net", "aio", "jdk", "hooks", "registry", "waiting");

  private static boolean isOfSwitch(Path file) {
    return OF_SWITCH.contains(file.getName(0).toString());
  }

  /**
   * Classes in folders can't be loaded without a descriptor; those in the shipped jar can. Those of
   * the switch are left out: a node needs none of them, nor are the JDK's there that they extend.
   */
  private static void loadAll(Class<?> one) throws Exception {
    Path classes = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (!Files.isDirectory(classes)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(classes.resolve("io/twinport"))) {
      files =
          walk.filter(file -> file.toString().endsWith(".class"))
              .filter(file -> !isOfSwitch(classes.resolve("io/twinport").relativize(file)))
              .toList();
    }
    for (Path file : files) {
      String name = classes.relativize(file).toString().replace('/', '.');
      String type = name.substring(0, name.length() - ".class".length());
      Class.forName(type, false, one.getClassLoader());
    }
  }

  /** Takes all descriptors that are left; returns how many there were. */
  private static int hog(List<Integer> hogged) {
    for (int count = 0; ; count++) {
      try {
        hogged.add(Posix.eventfd());
      } catch (IOException e) {
        return count;
      }
    }
  }
}
