package io.twinport.it.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A running JVM and its console. Closing it asks the program to end, and expects that it does so
 * with status 0 and that it has written nothing to standard error, unless the test took that away
 * with {@link #takeErrors}.
 */
public final class Program implements AutoCloseable {
  /** Stands in a queue for the end of the stream. */
  private static final String END = "(the program ended)";

  private final Machine machine;
  private final Process process;
  private final Writer input;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final List<String> errors = new ArrayList<>();
  private Predicate<String> ignoredErrors = line -> false;
  private final Thread outputReader;
  private final Thread errorReader;
  private long pid;
  private Answer ready;
  private boolean killed;

  private Program(Machine machine, Process process) {
    this.machine = machine;
    this.process = process;
    input = process.outputWriter(StandardCharsets.UTF_8);
    outputReader = reader("output", process.getInputStream(), this::sort);
    errorReader = reader("errors", process.getErrorStream(), this::error);
  }

  static Program start(Machine machine, List<String> command) throws IOException {
    Program program = new Program(machine, machine.start(command));
    try {
      program.outputReader.start();
      program.errorReader.start();
      program.ready = program.take(program.answers, machine.patience());
      if (!program.ready.line().startsWith("ready")) {
        throw new AssertionError(program.ready.line());
      }
      program.pid = machine.javaPid(program.process);
      return program;
    } catch (IOException | RuntimeException | Error e) {
      program.kill();
      throw e;
    }
  }

  /** Where it runs. */
  public Machine machine() {
    return machine;
  }

  /** The JVM's own process id there, whatever it was started through. */
  public long pid() {
    return pid;
  }

  /** The port of the only address that the program is bound to. */
  public int port() {
    return port(0);
  }

  public int port(int index) {
    return Integer.parseInt(ready.text("ports").split(",", -1)[index]);
  }

  /** Sends a command and waits for its answer, which has to be a good one. */
  public Answer call(String command) throws IOException {
    send(command);
    return answer(command);
  }

  /** Sends a command whose answer is asked for later. */
  public void send(String command) throws IOException {
    try {
      input.write(command + "\n");
      input.flush();
    } catch (IOException e) {
      throw new IOException(command + ": the program has ended; " + errors(), e);
    }
  }

  public Answer answer(String command) {
    return answer(command, machine.patience());
  }

  public Answer answer(String command, Duration patience) {
    Answer answer = take(answers, patience);
    if (!answer.line().startsWith("ok")) {
      throw new AssertionError(command + ": " + answer.line() + " " + errors());
    }
    return answer;
  }

  /** Sends a command that has to fail, and returns what the program says of it. */
  public String fail(String command) throws IOException {
    send(command);
    Answer answer = take(answers, machine.patience());
    if (!answer.line().startsWith("error")) {
      throw new AssertionError(command + " does not fail: " + answer.line());
    }
    return answer.line();
  }

  /** The next thing that the program tells of its own accord. */
  public Answer event(Duration patience) {
    return take(events, patience);
  }

  /** Ends the process at once, {@code SIGKILL}. */
  public void kill() {
    killed = true;
    if (pid != 0 && pid != process.pid()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
    process.destroyForcibly();
  }

  public void signal(String name) throws IOException, InterruptedException {
    Finished kill = machine.run(List.of("kill", "-" + name, Long.toString(pid)));
    assertEquals(0, kill.status(), kill.errors());
  }

  /** Waits until the process is gone. */
  public void awaitDeath() throws InterruptedException {
    if (!process.waitFor(machine.patience().toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("process " + pid + " does not end");
    }
  }

  /** What was written to standard error so far. */
  public List<String> errors() {
    synchronized (errors) {
      return List.copyOf(errors);
    }
  }

  /** What was written to standard error so far, which is then as expected. */
  public List<String> takeErrors() {
    synchronized (errors) {
      List<String> taken = List.copyOf(errors);
      errors.clear();
      return taken;
    }
  }

  /**
   * The one line that was, or is about to be, written to standard error, which is then as expected:
   * what a program answers and what it complains of come by two ways, either of which may be later.
   */
  public String takeError() throws Exception {
    Eventually.within(machine.patience(), this::errors, lines -> !lines.isEmpty());
    List<String> lines = takeErrors();
    assertEquals(1, lines.size(), lines::toString);
    return lines.get(0);
  }

  /** Takes lines away that are nothing to do with the test, now and later. */
  public void ignoreErrors(Predicate<String> ignored) {
    synchronized (errors) {
      errors.removeIf(ignored);
      ignoredErrors = ignored;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      end();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the program ends");
    }
  }

  private void end() throws IOException, InterruptedException {
    if (!killed) {
      send("quit");
      answer("quit");
      if (!process.waitFor(machine.patience().toSeconds(), TimeUnit.SECONDS)) {
        throw stuck("the program was told to end and does not");
      }
      assertEquals(0, process.exitValue(), () -> "exit status; " + errors());
    }
    process.waitFor();
    errorReader.join();
    assertEquals(List.of(), errors(), "standard error");
  }

  private Answer take(BlockingQueue<String> queue, Duration patience) {
    try {
      String line = queue.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null) {
        throw stuck("nothing within " + patience);
      }
      if (line.equals(END)) {
        queue.add(END);
        errorReader.join();
        throw new AssertionError(END + " " + errors());
      }
      return new Answer(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Ends a program that hangs, and tells what its threads were doing. */
  private AssertionError stuck(String what) throws IOException, InterruptedException {
    String stacks = "";
    if (pid != 0) {
      String jstack = Setup.JDK.resolve("bin/jstack").toString();
      stacks = "\n" + machine.run(List.of(jstack, Long.toString(pid))).output();
    }
    kill();
    return new AssertionError(what + "; " + errors() + stacks);
  }

  private void sort(String line) {
    if (line.equals(END)) {
      answers.add(END);
      events.add(END);
    } else if (line.startsWith("event")) {
      events.add(line);
    } else {
      answers.add(line);
    }
  }

  private void error(String line) {
    if (!line.equals(END)) {
      synchronized (errors) {
        if (!ignoredErrors.test(line)) {
          errors.add(line);
        }
      }
    }
  }

  private interface Lines {
    void add(String line);
  }

  private static Thread reader(String name, InputStream stream, Lines lines) {
    Thread thread =
        new Thread(
            () -> {
              try (BufferedReader reader =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                  lines.add(line);
                }
              } catch (IOException e) {
                // The pipe of a process that was killed may be closed under the reader.
                lines.add("reading: " + new UncheckedIOException(e));
              } finally {
                lines.add(END);
              }
            },
            name);
    thread.setDaemon(true);
    return thread;
  }
}
