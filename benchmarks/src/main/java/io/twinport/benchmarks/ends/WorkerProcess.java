package io.twinport.benchmarks.ends;

import io.twinport.benchmarks.applications.Application;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A {@link Worker} in a process of its own. */
public final class WorkerProcess implements AutoCloseable {
  /** Longer than anything that is asked for takes, on a machine that is busy. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** Its one thread sleeps for as long as answers come in time. */
  private static final ScheduledThreadPoolExecutor CLOCK = clock();

  private final Process process;
  // Open for as long as the worker is to live.
  private final PrintStream requests;
  // Never closed: it is the process's own, and goes with it.
  private final BufferedReader answers;

  /** That it serves at; it doesn't get to delete them. */
  private final List<File> files = new ArrayList<>();

  private static ScheduledThreadPoolExecutor clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "patience");
              thread.setDaemon(true);
              return thread;
            });
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  private WorkerProcess(Process process) {
    this.process = process;
    requests = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts one; it may not be ready yet.
   *
   * @param prefix the words before the command, such as {@code taskset}'s
   * @param options of the JVM
   * @param errors where its standard error goes
   */
  public static WorkerProcess start(List<String> prefix, List<String> options, Redirect errors)
      throws IOException {
    return new WorkerProcess(
        new ProcessBuilder(command(prefix, options, Worker.class)).redirectError(errors).start());
  }

  /** Starts one that has the agent and the settings of Twinport that this process has. */
  public static WorkerProcess startAlike(List<String> prefix) throws IOException {
    List<String> options = new ArrayList<>();
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (argument.startsWith("-javaagent:") || argument.startsWith("-Dtwinport.")) {
        options.add(argument);
      }
    }
    return start(prefix, options, Redirect.INHERIT);
  }

  /** The command of a program of this class path, in the JVM that runs this one. */
  public static List<String> command(
      List<String> prefix, List<String> options, Class<?> program, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** The number of the process. */
  public long pid() {
    return process.pid();
  }

  /**
   * Asks for something and waits until it is done.
   *
   * @throws IOException that says what the worker says, if it could not do it, or that it has
   *     ended, or that it hung and was ended
   */
  public Message ask(Message request) throws IOException {
    return ask(request, PATIENCE);
  }

  Message ask(Message request, Duration patience) throws IOException {
    requests.println(request);
    // Its end wakes the reader, whatever it hangs in.
    AtomicBoolean isLate = new AtomicBoolean();
    Future<?> late =
        CLOCK.schedule(
            () -> {
              isLate.set(true);
              process.destroyForcibly();
            },
            patience.toMillis(),
            TimeUnit.MILLISECONDS);
    String line;
    try {
      line = answers.readLine();
    } finally {
      late.cancel(false);
    }
    if (line == null) {
      String what = isLate.get() ? "gave no answer within " + patience : "ended";
      throw new IOException("a process " + what + " at '" + request + "'");
    }
    if (!Message.isAnswer(line)) {
      // Where a JVM can't start it says so here.
      throw new IOException("a process said '" + line + "', at '" + request + "'");
    }
    Message answer = Message.parse(line);
    if (!answer.word().equals(Message.OK)) {
      throw new IOException(answer.text("why") + ", at '" + request + "'");
    }
    return answer;
  }

  /**
   * Makes it a server.
   *
   * @return its address
   */
  public String serve(Service service, Api api, Transport transport) throws IOException {
    while (true) {
      Message request =
          new Message("serve")
              .with("service", service)
              .with("api", api)
              .with("address", Address.free(transport));
      String address = ask(request).text("address");
      if (!Address.isPort(address)) {
        files.add(new File(address));
        return address;
      }
      if (connections(address) == 0) {
        return address;
      }
      // The kernel remembers somebody's connections from this port: it can't be a witness for ours.
    }
  }

  /**
   * Makes it an application's server.
   *
   * @return its address
   */
  public String serve(Application application) throws IOException {
    Message request = new Message("application").with("application", application);
    String address;
    do {
      address = ask(request).text("address");
    } while (connections(address) != 0); // As above.
    return address;
  }

  private static int connections(String address) throws IOException {
    return SocketTable.read(Address.port(address)).connections();
  }

  /**
   * Checks from outside that the connections to this address run on {@code transport}, while one is
   * open.
   *
   * @throws IllegalStateException if they do not
   */
  public static void verify(String address, Transport transport) throws IOException {
    if (!Address.isPort(address)) {
      return;
    }
    SocketTable table = SocketTable.read(Address.port(address));
    if (transport == Transport.TCP && table.established() == 0) {
      throw new IllegalStateException(
          "This row is for TCP, but the kernel has no established connection to port "
              + address
              + ": is there an agent in JAVA_TOOL_OPTIONS?");
    }
    if (transport == Transport.SAN && table.connections() != 0) {
      throw new IllegalStateException(
          "This row is for the SAN, but the kernel has "
              + table.connections()
              + " TCP connections to port "
              + address
              + ": `java -jar twinport.jar status` says why, and so does -Dtwinport.log=debug");
    }
  }

  /** Kills it and waits until it is gone. */
  @Override
  public void close() {
    requests.close();
    process.destroyForcibly();
    boolean interrupted = false;
    while (true) {
      try {
        process.waitFor();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    files.forEach(File::delete); // Those that are still there.
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
