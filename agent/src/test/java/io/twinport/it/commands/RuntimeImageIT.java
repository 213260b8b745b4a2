package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run-time image without {@code jdk.net}: whoever asks is told what is missing, in one line. */
@Timeout(300)
class RuntimeImageIT {
  private static final String LACKS = "lacks the module jdk.net";

  @TempDir private static Path folder;
  private static Path image;

  @BeforeAll
  static void link() throws Exception {
    Setup.needsSan();
    assumeTrue(Files.exists(Setup.JDK.resolve("jmods")), "this JDK comes without its modules");
    image = folder.resolve("image");
    Finished jlink = jlink(image, "java.base,java.instrument,java.management,jdk.unsupported");
    assertEquals(0, jlink.status(), jlink::toString);
    String java = image.resolve("bin/java").toString();
    Finished version = Machine.THIS.run(List.of(java, "-version"));
    assumeTrue(version.status() == 0, () -> "this JDK's own libraries are in its way: " + version);
  }

  private static Finished jlink(Path output, String modules) throws Exception {
    return Machine.THIS.run(
        List.of(
            Setup.JDK.resolve("bin/jlink").toString(),
            "--add-modules",
            modules,
            "--output",
            output.toString()));
  }

  @Test
  void aProcessOnItIsServedAndSaysWhatItLacks() throws Exception {
    Jvm jvm = Jvm.of("SelectorEchoServer", "127.0.0.1/0").runtime(image);
    try (Program server = jvm.start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      assertEquals("shm", SwitchStatus.of(client).connections(server.port()).get(0).path());
      String pid = Long.toString(server.pid());
      for (String command : List.of("status", "off", "on")) {
        Finished asked = Jvm.command(command, pid);
        assertEquals(1, asked.status(), asked::toString);
        assertSaysSo(asked.output() + asked.errors());
      }
      Finished doctor = Jvm.command("doctor", pid);
      assertEquals(1, doctor.status(), doctor::toString);
      assertEquals("", doctor.errors());
      assertSaysSo(problems(doctor));
      assertEquals(List.of(), server.takeErrors());
    }
  }

  @Test
  void commandsOnItSaySoThemselves() throws Exception {
    Finished doctor = onTheImage("doctor");
    assertEquals(1, doctor.status(), doctor::toString);
    assertEquals("", doctor.errors());
    assertSaysSo(problems(doctor));
    Finished demo = onTheImage("demo");
    assertEquals(1, demo.status(), demo::toString);
    assertEquals("", demo.output());
    assertSaysSo(demo.errors());
  }

  @Test
  void whatEvenMoreIsMissingIsNamedToo() throws Exception {
    Path bare = folder.resolve("bare");
    assertEquals(0, jlink(bare, "java.base").status());
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      String pid = Long.toString(server.pid());
      for (String[] words :
          new String[][] {
            {"demo"},
            {"attach", pid},
            {"status", "4194305"},
            {"off", "4194305"},
            {"set", "4194305", "log=debug"}
          }) {
        Finished command = on(bare, words);
        assertEquals(1, command.status(), command::toString);
        assertEquals(1, command.errors().lines().count(), command::toString);
        assertFalse(command.errors().contains("Exception"), command::toString);
      }
      for (String[] words : new String[][] {{"doctor"}, {"doctor", pid}, {"doctor", "--json"}}) {
        Finished doctor = on(bare, words);
        assertEquals(1, doctor.status(), doctor::toString);
        assertTrue(doctor.output().contains("lacks the module java.instrument"), doctor::output);
        assertEquals("", doctor.errors());
      }
      Finished status = on(bare, "status", pid);
      assertTrue(
          status.status() == 0 || status.output().contains(LACKS), // Root need not know who it is.
          status::toString);
    }
  }

  private static Finished onTheImage(String... words) throws Exception {
    return on(image, words);
  }

  private static Finished on(Path runtime, String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(runtime.resolve("bin/java").toString(), "-jar", Setup.JAR.toString()));
    command.addAll(List.of(words));
    return Machine.THIS.run(command);
  }

  private static String problems(Finished doctor) {
    return String.join("\n", doctor.output().lines().filter(l -> l.startsWith("problem")).toList());
  }

  private static void assertSaysSo(String text) {
    assertEquals(1, text.lines().count(), text);
    assertTrue(text.contains(LACKS), text);
  }
}
