package io.twinport.agent.demo;

import io.twinport.agent.control.ControlName;
import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.processes.TargetJvm;
import io.twinport.config.Log;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A program of the demo in a JVM of its own; it is told a line, and answers with a line. */
public final class DemoJvm implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 30;
  private static final int STATUS_TRIES = 3;
  private static final long LOOK_AGAIN_NANOS = 10_000_000;

  /** What would bring the agent, or other options, into a JVM that is meant to be without. */
  private static final List<String> OTHERS_OPTIONS =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH");

  private final String name;
  private final Process process;
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();

  private DemoJvm(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /**
   * Starts a JVM of the same JDK.
   *
   * @param name for people
   * @param pin a command to start it through, perhaps empty
   */
  public static DemoJvm start(
      String name, List<String> pin, boolean agent, Path jar, Class<?> program) throws IOException {
    List<String> command = new ArrayList<>(pin);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (agent) {
      command.add("-javaagent:" + jar);
      ourProperties().forEach(command::add);
    }
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-cp", jar.toString()));
    command.add(program.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeAll(OTHERS_OPTIONS);
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    DemoJvm jvm = new DemoJvm(name, process);
    Thread reader = new Thread(jvm::readLines, name);
    reader.setDaemon(true);
    reader.start();
    return jvm;
  }

  /** What was set for the demo is meant for the programs it runs. */
  private static Stream<String> ourProperties() {
    return System.getProperties().entrySet().stream()
        .filter(entry -> entry.getKey().toString().startsWith("twinport."))
        .map(entry -> "-D" + entry.getKey() + "=" + entry.getValue());
  }

  private void readLines() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      output.lines().forEach(line -> lines.add(Optional.of(line)));
    } catch (IOException | UncheckedIOException e) {
      Log.debug(() -> name + ": " + Log.cause(e)); // The pipe of a process that was ended.
    } finally {
      lines.add(Optional.empty());
    }
  }

  /**
   * Tells the program a line and returns its answer.
   *
   * @throws IOException if the program has ended, or gives no answer
   */
  public String call(String line) throws IOException, InterruptedException {
    OutputStream input = process.getOutputStream();
    try {
      input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      input.flush();
    } catch (IOException e) {
      throw new IOException(name + " has ended", e);
    }
    return answer();
  }

  /**
   * The program's next line.
   *
   * @throws IOException if the program has ended, or gives no answer
   */
  public String answer() throws IOException, InterruptedException {
    Optional<String> line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (line == null) {
      throw new IOException(name + " does not answer");
    }
    return line.orElseThrow(() -> new IOException(name + " has ended"));
  }

  /**
   * The port that a server says it listens on.
   *
   * @throws IOException if it has ended, or says something else
   */
  public int port() throws IOException, InterruptedException {
    String line = answer();
    if (!line.matches("\\d{1,5}")) { // A JVM that can't start says so on standard output.
      throw new IOException(name + " did not start: " + line);
    }
    return Integer.parseInt(line);
  }

  /** Ends the process, whatever it does. */
  @Override
  public void close() {
    process.destroyForcibly();
  }

  /**
   * What the answer to {@code status} says of this process. Asks again where a machine is so busy
   * that there is none in the time a user would wait.
   *
   * @throws IOException if the process can't be asked
   */
  Map<String, Object> status() throws IOException {
    List<ControlName> own = List.of(controlName());
    Map<String, Object> answer = ControlClient.ask(own, "status").get(0);
    for (int i = 1; i < STATUS_TRIES && answer.containsKey("error"); i++) {
      answer = ControlClient.ask(own, "status").get(0);
    }
    return answer;
  }

  /** The process takes its name beside its first channel, and tells nobody: look until it has. */
  private ControlName controlName() throws IOException {
    TargetJvm target = new TargetJvm(process.pid());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    Optional<ControlName> found = target.controlName();
    while (found.isEmpty()) {
      if (System.nanoTime() - end > 0) {
        throw new IOException(
            name + " (process " + process.pid() + ") can't be asked for its status");
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      found = target.controlName();
    }
    return found.get();
  }
}
