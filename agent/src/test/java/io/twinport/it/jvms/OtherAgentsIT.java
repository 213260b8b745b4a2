package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two other agents on the command line: one uses sockets of every kind before the program does, one
 * rewrites the JDK's socket classes.
 */
@Timeout(240)
class OtherAgentsIT {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "twinport EarlyAgent RewritingAgent",
        "EarlyAgent RewritingAgent twinport",
        "RewritingAgent twinport EarlyAgent"
      })
  void inEitherOrder(String order) throws Exception {
    List<String> options = new ArrayList<>();
    for (String agent : order.split(" ", -1)) {
      if (!agent.equals("twinport")) {
        options.add("-javaagent:" + jar(agent));
      } else if (Setup.SAN) {
        options.add("-javaagent:" + Setup.JAR);
      }
    }
    try (Program server = with(options, "SocketEchoServer", "127.0.0.1/0").start();
        Program sockets = with(options, "SocketEchoClient").start();
        Program channels = with(options, "BlockingEchoClient").start();
        Program asynchronous = with(options, "AsyncEchoClient").start()) {
      for (Program program : List.of(server, sockets, channels, asynchronous)) {
        // Byte Buddy draws a warning of four lines from JDK 24 and later, whoever uses it.
        program.ignoreErrors(
            line -> line.contains("sun.misc.Unsafe") || line.contains("net.bytebuddy"));
      }
      long before = connectsSeen(sockets);
      for (Program client : List.of(sockets, channels, asynchronous)) {
        client.call("open 2 127.0.0.1 " + server.port());
        assertEquals(0, client.call("echo 4096").number("wrong"));
      }
      San.assertOffTcp(server, server.port(), 6);
      // What the other agent was to see, it saw.
      assertEquals(2, connectsSeen(sockets) - before);
    }
  }

  /** What the agent that rewrites sockets has counted, the early agent's own connect included. */
  private static long connectsSeen(Program program) throws Exception {
    return program.call("property seen.connects 0").number("seen.connects");
  }

  private static Jvm with(List<String> options, String program, String... arguments)
      throws Exception {
    Jvm jvm = Jvm.of(program, arguments).withoutAgent().with(Setup.library("bytebuddy"));
    options.forEach(jvm::option);
    return jvm;
  }

  /** A jar that names an agent; its classes are on the programs' class path. */
  static Path jar(String agent) throws Exception {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", "io.twinport.it.apps." + agent);
    attributes.putValue("Can-Retransform-Classes", "true");
    attributes.putValue("Can-Redefine-Classes", "true");
    Path jar = Setup.scratch("agent").resolve(agent + ".jar");
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    return jar;
  }
}
