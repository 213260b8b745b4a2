package io.twinport.agent.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.agent.echo.EchoServer;
import io.twinport.it.support.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar twinport.jar demo}, as a user runs it. */
@Timeout(300)
class DemoCommandIT {
  private static final Path JAVA = Path.of(System.getProperty("twinport.test.jdk"), "bin", "java");
  private static final String JAR = System.getProperty("twinport.jar");
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @TempDir private Path folder;
  private Process demo;

  @AfterEach
  void end() {
    demo.destroyForcibly();
  }

  @Test
  void showsThePathOfEveryConnectionAndFigures() throws Exception {
    assertEquals(0, demo(), this::everything);
    assertEquals("", errors());
    assertTrue(output().lines().allMatch(line -> line.length() <= 80), output());
    assertTrue(output().matches("(?s).*turn 1 2 3 .* of \\d+\n.*"), output());
    assertTrue(output().matches("(?s).*with agent +with agent +shm +0 of 4\n.*"), output());
    assertTrue(output().matches("(?s).*java.net.Socket +with agent +shm +0 of 4\n.*"), output());
    assertTrue(output().matches("(?s).*without +with agent +tcp +4 of 4 .*"), output());
    assertTrue(output().matches("(?s).*with agent +without +tcp +4 of 4 .*"), output());
    assertTrue(
        output().matches("(?s).*SAN \\(shm\\), java.net.Socket +\\d+\\.\\d\\d .*"), output());
    assertTrue(output().matches("(?s).*SAN \\(shm\\) / TCP +\\d+\\.\\d\\d .*"), output());
  }

  @Test
  void failsWhereTheSanIsNotTakenAndSaysWhy() throws Exception {
    assertEquals(1, demo("-Dtwinport.providers=none"), this::everything);
    assertEquals("demo: the SAN was not taken: no SAN provider is enabled\n", errors());
  }

  @Test
  void leavesNoProcessBehindWhenItIsInterrupted() throws Exception {
    start();
    List<ProcessHandle> children =
        Eventually.within(PATIENCE, this::programs, programs -> programs.size() >= 4);
    demo.destroy();
    assertTrue(demo.waitFor(30, TimeUnit.SECONDS));
    for (ProcessHandle child : children) {
      child.onExit().get(30, TimeUnit.SECONDS);
    }
    assertFalse(errors().contains("\tat "), this::everything);
  }

  private List<ProcessHandle> programs() {
    assertTrue(demo.isAlive(), this::everything);
    return demo.descendants().toList();
  }

  /** Whether the server notices that they have gone before it greets them is up to the machine. */
  @Test
  void itsServerOutlivesClientsThatGoAtOnce() throws Exception {
    demo =
        new ProcessBuilder(JAVA.toString(), "-cp", JAR, EchoServer.class.getName())
            .redirectError(folder.resolve("errors").toFile())
            .start();
    BufferedReader output = demo.inputReader();
    int port = Integer.parseInt(output.readLine());
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int i = 0; i < 500; i++) {
      try (Socket client = new Socket(loopback, port)) {
        client.setSoLinger(true, 0);
      }
    }
    try (Socket client = new Socket(loopback, port)) {
      assertTrue(client.getInputStream().read() >= 0, "a greeting");
    }
    assertEquals("", errors());
    demo.outputWriter().close();
    assertTrue(demo.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, demo.exitValue());
  }

  private int demo(String... options) throws IOException, InterruptedException {
    start(options);
    assertTrue(demo.waitFor(120, TimeUnit.SECONDS), this::everything);
    return demo.exitValue();
  }

  private void start(String... options) throws IOException {
    List<String> command = new ArrayList<>(List.of(JAVA.toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-jar", JAR, "demo"));
    demo =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("output").toFile())
            .redirectError(folder.resolve("errors").toFile())
            .start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("errors"));
  }

  private String everything() {
    try {
      return output() + errors();
    } catch (IOException e) {
      return "the demo's output can't be read: " + e;
    }
  }
}
