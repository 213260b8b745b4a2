package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs that start others. */
@Timeout(240)
class ChildrenIT {
  @Test
  void childrenInheritNothing() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("SpawningClient").start()) {
      client.call("open 127.0.0.1 " + server.port());
      San.assertOffTcp(server, server.port(), 1);
      for (String pid : client.call("spawn").text("pids").split(",", -1)) {
        long child = Long.parseLong(pid);
        // A child that is still on its way to its program has what the JDK starts it with.
        Eventually.within(
            Duration.ofSeconds(10),
            () -> ProcFs.descriptorTargets(child),
            targets -> targets.size() == 3);
      }
    }
  }

  /**
   * Native code may start programs too, and closes no descriptors for them. What the JDK itself
   * opens for us is as inheritable as all its sockets are; shared memory must not be.
   */
  @Test
  void sharedMemoryDoesNotOutliveAnExec() throws Exception {
    Setup.needsSan();
    try (Program server = Jvm.of("SocketEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("SpawningClient").start()) {
      client.call("open 127.0.0.1 " + server.port());
      San.assertOffTcp(server, server.port(), 1);
      for (Program program : List.of(server, client)) {
        assertTrue(ProcFs.descriptorTargets(program.pid()).stream().anyMatch(ChildrenIT::isShared));
        List<String> inherited = ProcFs.inheritableDescriptors(program.pid());
        assertTrue(inherited.stream().noneMatch(ChildrenIT::isShared), inherited::toString);
      }
    }
  }

  @Test
  void aChildHasTheAgentFromTheEnvironment() throws Exception {
    Setup.needsSan();
    String tools = "JAVA_TOOL_OPTIONS=-javaagent:" + Setup.JAR;
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("SpawningClient").withoutAgent().through("env", tools).start()) {
      client.call("open 127.0.0.1 " + server.port());
      String child = client.call("java 127.0.0.1 " + server.port()).text("child");
      assertEquals("ok,echoed=2,wrong=0", child.replace("child=", ""));
      San.assertOffTcp(server, server.port(), 3);
      assertEquals(3, SwitchStatus.of(server).connections(server.port()).size());
      client.ignoreErrors(line -> line.equals("Picked up " + tools.replace("=-", ": -")));
    }
  }

  private static boolean isShared(String target) {
    return target.contains("memfd:"); // An event descriptor may be one of the JDK's.
  }
}
