package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A JDK that the switch does not fit, which is one in which a class of its shim can't be had. */
@Timeout(300)
class MisfitIT {
  private static final String MISFIT = "can't work on this JDK";

  @TempDir private Path folder;
  private Path jar;

  @BeforeEach
  void packAJarThatDoesNotFit() throws Exception {
    Setup.needsSan();
    packAJarWithout("SanSelectorBase");
  }

  private void packAJarWithout(String shim) throws Exception {
    jar = folder.resolve("twinport.jar");
    Files.copy(Setup.JAR, jar, StandardCopyOption.REPLACE_EXISTING);
    try (FileSystem entries = FileSystems.newFileSystem(jar)) {
      Files.delete(entries.getPath("META-INF/twinport/shim/sun/nio/ch/" + shim + ".class"));
    }
  }

  @Test
  void aProcessSaysSoOnceAndRunsOverTcp() throws Exception {
    Jvm jvm =
        Jvm.of("SelectorEchoServer", "127.0.0.1/0").withoutAgent().option("-javaagent:" + jar);
    try (Program server = jvm.start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 2 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      assertSaysSo(server.takeError());
    }
  }

  @Test
  void whatFitsIsOverTheSanAllTheSame() throws Exception {
    assertEquals(
        List.of("tcp", "tcp+shm", "tcp+shm"), pathsOfSocketChannelAndAsync("SanTcpSocket"));
    assertEquals(
        List.of("tcp+shm", "tcp", "tcp+shm"), pathsOfSocketChannelAndAsync("SanSelectorBase"));
    assertEquals(List.of("tcp+shm", "tcp+shm", "tcp"), pathsOfSocketChannelAndAsync("SanPort"));
  }

  private List<String> pathsOfSocketChannelAndAsync(String lacks) throws Exception {
    packAJarWithout(lacks);
    Jvm jvm = Jvm.of("GrowingServer").withoutAgent().option("-javaagent:" + jar);
    try (Program server = jvm.start()) {
      assertSaysSo(server.takeError());
      SwitchStatus status = SwitchStatus.of(server);
      return List.of(0, 1, 2).stream()
          .map(i -> status.listeners(server.port(i)))
          .map(found -> found.isEmpty() ? "tcp" : found.get(0).path())
          .toList();
    }
  }

  @Test
  void whatAllStandsOnIsNeeded() throws Exception {
    packAJarWithout("SanAccess");
    Jvm jvm = Jvm.of("GrowingServer").withoutAgent().option("-javaagent:" + jar);
    try (Program server = jvm.start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      assertSaysSo(server.takeError());
      for (int i = 0; i < 3; i++) {
        client.call("open 1 127.0.0.1 " + server.port(i));
      }
    }
  }

  @Test
  void doctorSaysSo() throws Exception {
    Finished doctor = command("doctor");
    assertEquals(1, doctor.status(), doctor::toString);
    assertSaysSo(doctor.errors().strip());
    List<String> problems =
        doctor.output().lines().filter(line -> line.startsWith("problem")).toList();
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(problems.get(0).contains("is not one that this version can work on"));
  }

  @Test
  void attachPromisesNoTwin() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").withoutAgent().start()) {
      Finished attach = command("attach", Long.toString(server.pid()));
      assertEquals(1, attach.status(), attach::toString);
      assertEquals("", attach.output());
      assertTrue(attach.errors().contains("did not start"), attach::toString);
      server.ignoreErrors(line -> line.startsWith("WARNING: ")); // The JVM's, of who attaches.
      assertSaysSo(server.takeError());
    }
  }

  private Finished command(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(Setup.JDK.resolve("bin/java").toString(), "-jar", jar.toString()));
    command.addAll(List.of(words));
    return Machine.THIS.run(command);
  }

  private static void assertSaysSo(String line) {
    assertTrue(line.contains(MISFIT) && line.lines().count() == 1, line);
  }
}
