package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code doctor}: what it finds here, in good processes and in others. */
@Timeout(300)
class DoctorIT {
  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void aMachineAndAProcessInGoodHealth() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      Finished doctor = doctor(server);
      assertEquals(0, doctor.status(), doctor::toString);
      assertEquals("", doctor.errors());
      assertTrue(doctor.output().lines().allMatch(line -> line.startsWith("ok ")), doctor::output);
      assertHas(doctor, "ok .* go over shm");
      assertHas(doctor, "ok .* 127.0.0.1:" + server.port() + " has a twin");
    }
  }

  @Test
  void aProcessWithoutTheAgent() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").withoutAgent().start()) {
      Finished doctor = doctor(server);
      assertEquals(1, doctor.status(), doctor::toString);
      assertHas(doctor, "problem .* has no Twinport; .* attach " + server.pid());
      assertHas(doctor, "note .* 127.0.0.1:" + server.port() + " is on TCP");
    }
  }

  @Test
  void aProcessThatKeepsToTcp() throws Exception {
    try (Program server =
        Jvm.of("SelectorEchoServer", "127.0.0.1/0").twinport("providers", "none").start()) {
      Finished doctor = doctor(server);
      assertEquals(1, doctor.status(), doctor::toString);
      assertHas(doctor, "problem .* has no twin: .* \\(no-provider\\).*");
    }
  }

  @Test
  void aProcessThatKeepsItsOwnProvider() throws Exception {
    Jvm jvm =
        Jvm.of("SelectorEchoServer", "127.0.0.1/0")
            .option("--add-exports=java.base/sun.nio.ch=ALL-UNNAMED")
            .option(
                "-Djava.nio.channels.spi.SelectorProvider=io.twinport.it.apps.OwnSelectorProvider");
    try (Program server = jvm.start()) {
      server.takeError();
      Finished doctor = doctor(server);
      assertEquals(1, doctor.status(), doctor::toString);
      assertHas(doctor, "problem .* was started with Twinport, which is not at work there; .*");
    }
  }

  @Test
  void noSuchProcess() throws Exception {
    Finished doctor = Jvm.command("doctor", "4194305");
    assertEquals(1, doctor.status(), doctor::toString);
    assertHas(doctor, "problem .*no process 4194305.*");
  }

  private static Finished doctor(Program program) throws Exception {
    return Jvm.command("doctor", Long.toString(program.pid()));
  }

  private static void assertHas(Finished doctor, String line) {
    assertTrue(doctor.output().lines().anyMatch(each -> each.matches(line)), doctor::toString);
  }
}
