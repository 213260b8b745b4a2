package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was opened before Twinport came goes on as in a process to which it does not come. */
@Timeout(400)
class OpenedBeforeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @ParameterizedTest
  @ValueSource(strings = {"providers=shm", "providers=none"})
  void whenItIsAttached(String settings) throws Exception {
    List<String> expected = withoutTwinport();
    try (Program program = program().option("-XX:+EnableDynamicAgentLoading").start()) {
      Finished attach = Jvm.command("attach", Long.toString(program.pid()), settings);
      assertEquals(0, attach.status(), attach::toString);
      assertEquals(expected, goOn(program));
    }
  }

  @Test
  void whenAnotherAgentStandsFirst() throws Exception {
    List<String> expected = withoutTwinport();
    Jvm jvm = program().option("-javaagent:" + OtherAgentsIT.jar("OpenedBefore"));
    try (Program program = jvm.option("-javaagent:" + Setup.JAR).start()) {
      assertEquals(expected, goOn(program));
    }
  }

  private static List<String> withoutTwinport() throws Exception {
    try (Program program = program().start()) {
      return goOn(program);
    }
  }

  private static List<String> goOn(Program program) throws Exception {
    program.send("go");
    String seen = program.answer("go", PATIENCE).line();
    return List.of(seen.replaceAll("port=[0-9]+", "port").split("; ", -1));
  }

  private static Jvm program() {
    return Jvm.of("OpenedBefore").withoutAgent();
  }
}
