package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong or forbidden is told once, and the application works. */
@Tag("on-one-jdk")
@Timeout(240)
class BadInputsIT {
  private static final int EACH = 3;

  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void unknownValueIsOneLineAndTheDefault() throws Exception {
    try (Program server = server().twinport("wait", "sometimes").start();
        Program client = client().start()) {
      talk(server, client);
      San.assertOffTcp(server, server.port(), EACH);
      assertOneLine(server, "twinport.wait");
    }
  }

  @Test
  void memoryUsedUpAtTheClient() throws Exception {
    try (Program server = server().start();
        Program client = client().twinport("shm.max-bytes", "4096").start()) {
      talk(server, client);
      assertTcp(server, client, "memory");
    }
  }

  @Test
  void memoryUsedUpAtTheServer() throws Exception {
    try (Program server = server().twinport("shm.max-bytes", "4096").start();
        Program client = client().start()) {
      talk(server, client);
      assertTcp(server, client, "memory");
    }
  }

  @Test
  void noProviders() throws Exception {
    try (Program server = server().start();
        Program client = client().twinport("providers", "none").start()) {
      talk(server, client);
      assertTcp(server, client, "no-provider");
    }
  }

  @Test
  void aRuleSaysTcp() throws Exception {
    try (Program server = server().start();
        Program client = client().twinport("rules", "use tcp connect * *").start()) {
      talk(server, client);
      assertTcp(server, client, "rule");
    }
  }

  @Test
  void aRuleWithATypoIsOneLine() throws Exception {
    try (Program server = server().start();
        Program client = client().twinport("rules", "use udp connect * *").start()) {
      talk(server, client);
      San.assertOffTcp(server, server.port(), EACH);
      assertOneLine(client, "rule");
    }
  }

  @ParameterizedTest(name = "temporary folder mounted {0}")
  @ValueSource(strings = {"ro", "noexec"})
  void nativeLibraryHasNowhereToGo(String how) throws Exception {
    Setup.needsRoot();
    String folder = Setup.scratch("mount").toString();
    try (Program server = server().start();
        Program client =
            client().through(mounted(how, folder)).option("-Djava.io.tmpdir=" + folder).start()) {
      talk(server, client);
      assertTcp(server, client, "provider-failed");
      assertOneLine(client, folder);
    }
  }

  @Test
  void nativeLibraryGoesWhereItIsTold() throws Exception {
    Setup.needsRoot();
    String folder = Setup.scratch("mount").toString();
    try (Program server = server().start();
        Program client =
            client()
                .through(mounted("noexec", folder))
                .option("-Djava.io.tmpdir=" + folder)
                .twinport("native-dir", Setup.scratch("native").toString())
                .start()) {
      talk(server, client);
      San.assertOffTcp(server, server.port(), EACH);
    }
  }

  private static Jvm server() {
    return Jvm.of("SelectorEchoServer", "127.0.0.1/0");
  }

  private static Jvm client() {
    return Jvm.of("BlockingEchoClient");
  }

  private static String[] mounted(String how, String folder) {
    String script = "mount -t tmpfs -o " + how + " none \"$0\" && exec \"$@\"";
    return new String[] {"unshare", "--mount", "sh", "-c", script, folder};
  }

  private static void talk(Program server, Program client) throws Exception {
    client.call("open " + EACH + " 127.0.0.1 " + server.port());
    assertEquals(0, client.call("echo 4096").number("wrong"));
  }

  private static void assertTcp(Program server, Program client, String reason) throws Exception {
    San.assertOnTcp(server, server.port(), EACH);
    List<SwitchStatus.Line> lines = SwitchStatus.of(client).connections(server.port());
    assertEquals(EACH, lines.size(), lines::toString);
    for (SwitchStatus.Line line : lines) {
      assertEquals("tcp", line.path(), line::toString);
      assertEquals(reason, line.reason(), line::toString);
    }
  }

  private static void assertOneLine(Program program, String named) throws Exception {
    String line = program.takeError();
    assertTrue(line.contains(named), line);
  }
}
