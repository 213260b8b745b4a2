package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The MXBeans are there when somebody has made the platform's MBean server, and not before. */
@Timeout(240)
class ManagementIT {
  private static final String BOTH =
      "ok beans=io.twinport:type=Provider,name=shm;io.twinport:type=Switch";

  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  private static void awaitBeans(Program program) throws Exception {
    Eventually.within(
        Machine.THIS.patience(), () -> program.call("platform").line(), line -> line.equals(BOTH));
  }

  @Test
  void theyComeWithThePlatformsMBeanServer() throws Exception {
    try (Program program = Jvm.of("ManagedServer").start()) {
      assertEquals("ok servers=0", program.call("servers").line());
      awaitBeans(program);
      assertEquals("ok value=1", program.call("read Switch Twins").line());
      assertEquals("ok value=1", program.call("read Switch SanConnected").line());
      assertEquals("ok value=2", program.call("read Switch OpenSanConnections").line());
      assertEquals("ok value=2", program.call("read Provider,name=shm OpenConnections").line());
      String counts = program.call("read Switch TcpByReason").line();
      assertTrue(counts.contains("TabularData"), counts);
      String listener = program.call("listener").line();
      String numbers = ",local=127.0.0.1:" + program.port() + ",path=tcp+shm,queued=0,";
      assertTrue(listener.contains(numbers), listener);
      assertTrue(
          listener.matches("ok accepted=1,backlog=\\d+,givenUp=0,.*,reason=,refused=0"), listener);
    }
  }

  @Test
  void anMBeanServerOfTheProgramsOwnHasNoneAndHidesNothing() throws Exception {
    try (Program program = Jvm.of("ManagedServer").start()) {
      assertEquals("ok beans=0", program.call("own").line());
      assertEquals("ok servers=1", program.call("servers").line());
      awaitBeans(program);
    }
  }

  @Test
  void whoDoesNotUseThemLoadsNothingOfThem() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      String jcmd = Setup.JDK.resolve("bin/jcmd").toString();
      String pid = Long.toString(server.pid());
      Finished all = Finished.run(List.of(jcmd, pid, "VM.class_hierarchy"));
      assertEquals(0, all.status(), all.errors());
      assertFalse(all.output().contains("java.lang.management.ManagementFactory"));
      assertFalse(all.output().contains("java.util.logging.LogManager"));
      assertFalse(all.output().contains("io.twinport.agent.management"));
    }
  }

  @Test
  void theyAreThereFromTheStartOnIfThatIsAsked() throws Exception {
    try (Program program = Jvm.of("ManagedServer").twinport("jmx", "on").start()) {
      Eventually.within(
          Machine.THIS.patience(),
          () -> program.call("servers").line(),
          line -> line.equals("ok servers=1"));
      awaitBeans(program);
    }
  }

  @Test
  void theyAreNotThereIfTheyAreNotWanted() throws Exception {
    try (Program program = Jvm.of("ManagedServer").twinport("jmx", "off").start()) {
      assertEquals("ok beans=", program.call("platform").line());
      assertEquals("ok beans=", program.call("platform").line());
    }
  }

  @Test
  void theyComeToAProcessThatIsManagedAlready() throws Exception {
    try (Program program = Jvm.of("ManagedServer").withoutAgent().start()) {
      assertEquals("ok beans=", program.call("platform").line());
      Finished attach = Jvm.command("attach", Long.toString(program.pid()));
      assertEquals(0, attach.status(), attach::toString);
      awaitBeans(program);
      program.takeErrors(); // The JDK's warning of agents that come later.
    }
  }
}
