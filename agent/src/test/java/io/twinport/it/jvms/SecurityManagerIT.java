package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Programs under a security manager. Where it grants them what they need and no more, they run as
 * without the agent, over TCP, and are told why in one line.
 */
@Timeout(240)
class SecurityManagerIT {
  /** What the programs do, beside the agent, which gets nothing. */
  private static final String POLICY =
      """
      grant codeBase "file:PROGRAMS/" {
        permission java.net.SocketPermission "localhost:0", "listen";
        permission java.net.SocketPermission "127.0.0.1:1024-", "accept,connect,resolve";
        permission java.util.PropertyPermission "*", "read";
        permission java.lang.RuntimePermission "readFileDescriptor";
        permission java.lang.RuntimePermission "writeFileDescriptor";
        permission java.lang.RuntimePermission "modifyThread";
        permission java.lang.RuntimePermission "setSecurityManager";
      };
      """;

  private static Path policy;

  @BeforeAll
  static void writePolicy() throws Exception {
    assumeTrue(
        Files.readString(Setup.JDK.resolve("release")).contains("JAVA_VERSION=\"17"),
        "later JDKs have no security manager, or ask before they let a program set one");
    policy = Setup.scratch("policy").resolve("program.policy");
    Files.writeString(policy, POLICY.replace("PROGRAMS", Jvm.CLASSES.toString()));
  }

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource({
    "SelectorEchoServer, BlockingEchoClient",
    "SocketEchoServer, SocketEchoClient",
    "SelectorEchoServer, AsyncEchoClient"
  })
  void fromTheStart(String serverProgram, String clientProgram) throws Exception {
    overTcp(underManager(serverProgram, "127.0.0.1/0"), underManager(clientProgram));
  }

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource({
    "SelectorEchoServer, BlockingEchoClient",
    "SocketEchoServer, SocketEchoClient",
    "SelectorEchoServer, AsyncEchoClient"
  })
  void setByTheProgram(String serverProgram, String clientProgram) throws Exception {
    String programs = "io.twinport.it.apps.";
    overTcp(
        Jvm.of("WithSecurityManager", programs + serverProgram, "127.0.0.1/0"),
        Jvm.of("WithSecurityManager", programs + clientProgram));
  }

  @Test
  void thatGrantsEverything() throws Exception {
    Path everything = Setup.scratch("policy").resolve("everything.policy");
    Files.writeString(everything, "grant { permission java.security.AllPermission; };");
    String option = "-Djava.security.policy==" + everything;
    try (Program server = underManager("SocketEchoServer", "127.0.0.1/0").option(option).start();
        Program client = underManager("BlockingEchoClient").option(option).start()) {
      client.call("open 2 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOffTcp(server, server.port(), 2);
      for (Program program : List.of(server, client)) {
        program.ignoreErrors(SecurityManagerIT::isJvmsWarning);
      }
    }
  }

  private static Jvm underManager(String program, String... arguments) {
    return Jvm.of(program, arguments).option("-Djava.security.manager");
  }

  private static boolean isJvmsWarning(String line) {
    return line.startsWith("WARNING: ");
  }

  private static void overTcp(Jvm serverJvm, Jvm clientJvm) throws Exception {
    String option = "-Djava.security.policy==" + policy;
    try (Program server = serverJvm.option(option).start();
        Program client = clientJvm.option(option).start()) {
      client.call("open 2 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOnTcp(server, server.port(), 2);
      for (Program program : List.of(server, client)) {
        program.ignoreErrors(SecurityManagerIT::isJvmsWarning);
        List<String> told = program.takeErrors();
        assertEquals(Setup.SAN ? 1 : 0, told.size(), told::toString);
        assertTrue(
            told.stream().allMatch(line -> line.contains("security manager")), told::toString);
      }
    }
  }
}
