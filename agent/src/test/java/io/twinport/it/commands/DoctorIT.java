package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.util.List;
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

  /** A chroot, or a container that was set up by hand. */
  @Test
  void noProcHere() throws Exception {
    Setup.needsRoot();
    // The launcher finds its libraries in /proc, or where it is told.
    String script = "umount -l /proc && LD_LIBRARY_PATH=\"$0\" exec \"$@\"";
    List<String> without =
        List.of("unshare", "--mount", "sh", "-c", script, Setup.JDK.resolve("lib").toString());
    Finished doctor = Jvm.command(without, "doctor", "1");
    assertEquals(1, doctor.status(), doctor::toString);
    assertEquals("", doctor.errors());
    assertHas(doctor, "problem .*/proc is not mounted; mount it.*");
    Finished status = Jvm.command(without, "status");
    assertEquals(1, status.status(), status::toString);
    assertTrue(status.errors().endsWith(" (/proc is not mounted)\n"), status::errors);
  }

  @Test
  void aNetworkNamespaceAsItIsMade() throws Exception {
    Setup.needsRoot();
    Finished doctor = Jvm.command(List.of("unshare", "--net"), "doctor");
    assertEquals(1, doctor.status(), doctor::toString);
    assertEquals("", doctor.errors());
    assertHas(doctor, "problem .*127.0.0.1; .*ip link set lo up");
  }

  private static Finished doctor(Program program) throws Exception {
    return Jvm.command("doctor", Long.toString(program.pid()));
  }

  private static void assertHas(Finished doctor, String line) {
    assertTrue(doctor.output().lines().anyMatch(each -> each.matches(line)), doctor::toString);
  }
}
