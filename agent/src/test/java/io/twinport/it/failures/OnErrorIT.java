package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code twinport.on-error} says is done where the agent or a provider can't start. */
@Timeout(240)
class OnErrorIT {
  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void withoutTheAgentEverythingGoesByTcp() throws Exception {
    servesByTcp(withBrokenAgent(), "not started, everything goes by TCP");
  }

  @Test
  void withoutTheAgentTheProcessEndsIfToldTo() throws Exception {
    endsWith(withBrokenAgent().option("-Dtwinport.on-error=fail"), "not started", "on-error=fail");
  }

  @Test
  void withoutTheProviderEverythingGoesByTcp() throws Exception {
    servesByTcp(withBrokenProvider(), "connections go by TCP");
  }

  @Test
  void withoutTheProviderTheProcessEndsIfToldTo() throws Exception {
    Jvm server = withBrokenProvider().twinport("on-error", "fail");
    endsWith(server, "can't be used", "on-error=fail");
  }

  private static void servesByTcp(Jvm jvm, String warning) throws Exception {
    try (Program server = jvm.start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 3 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOnTcp(server, server.port(), 3);
      String line = server.takeError();
      assertTrue(line.contains(warning), line);
    }
  }

  /** Its input stays open: it ends because of what is wrong, or not at all. */
  private static void endsWith(Jvm jvm, String... said) throws Exception {
    List<String> command = jvm.command();
    Process process = Finished.clean(new ProcessBuilder(command)).start();
    try {
      Finished finished = Finished.await(process, command);
      assertEquals(1, finished.status(), finished::toString);
      for (String text : said) {
        assertTrue(finished.errors().contains(text), finished::toString);
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static Jvm server() {
    return Jvm.of("SelectorEchoServer", "127.0.0.1/0");
  }

  private static Jvm withBrokenProvider() {
    return server().twinport("native-dir", "/dev/null/there-is-no-such-folder");
  }

  /** With a file that lacks a class without which nothing goes. */
  private static Jvm withBrokenAgent() throws IOException {
    Path broken = Setup.scratch("broken").resolve("twinport.jar");
    Files.copy(Setup.JAR, broken);
    try (FileSystem jar = FileSystems.newFileSystem(broken)) {
      Files.delete(jar.getPath("io/twinport/core/Switch.class"));
    }
    return server().withoutAgent().option("-javaagent:" + broken);
  }
}
