package io.twinport.it.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An application on one JDK: a server with the agent that has a client with it, and one without,
 * then a server without it that has the same two.
 */
final class Trial {
  private static final int PORTS_OF_A_NODE = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Connects on a busy machine may be late, and would go by TCP. */
  private static final List<String> PATIENT =
      List.of("-Dtwinport.start-millis=60000", "-Dtwinport.shm.connect-millis=60000");

  /** No date, which may turn from one run to the next. */
  private static final String LOG_FORMAT =
      "-Djava.util.logging.SimpleFormatter.format=%4$s %3$s: %5$s%6$s%n";

  private final Application application;
  private final List<Path> classPath;
  private final Path classes;
  private final Path jdk;
  private final Path scratch;
  private int folders;

  Trial(Application application, List<Path> classPath, Path classes, Path jdk) throws IOException {
    this.application = application;
    this.classPath = classPath;
    this.classes = classes;
    this.jdk = jdk;
    scratch = Setup.scratch(application.id);
  }

  /**
   * Runs it all.
   *
   * @param oneSided whether the agent is to be at one end only, too
   * @return what the server with the agent has counted for the client with it
   */
  Paths run(boolean oneSided) throws Exception {
    Errors serversWith = new Errors();
    Errors serversWithout = new Errors();
    List<Errors> clients = new ArrayList<>();
    List<String> results = new ArrayList<>();
    Paths proven;
    try (Servers servers = new Servers(true, serversWith)) {
      Counted counted = use(servers, true, clients, results);
      Paths client = counted.client;
      proven = counted.servers;
      assertTrue(client.connected() > 0, () -> "nothing of the client's on the SAN: " + client);
      assertEquals(0, client.onTcp(), () -> "the client's connections on TCP: " + client);
      assertTrue(proven.accepted() > 0, () -> "nothing of the server's on the SAN: " + counted);
      assertEquals(0, proven.onTcp(), () -> "the server's connections on TCP: " + counted);

      if (oneSided) {
        Paths after = use(servers, false, clients, results).servers;
        assertTrue(after.onTcp() > 0, () -> "a client without the agent: " + after);
      }
    }
    try (Servers servers = new Servers(false, serversWithout)) {
      if (oneSided) {
        Paths client = use(servers, true, clients, results).client;
        // A client may have a listener of its own.
        assertEquals(
            client.accepted(), client.connected(), () -> "a server without the agent: " + client);
        assertTrue(client.onTcp() > 0, () -> "a server without the agent: " + client);
      }
      use(servers, false, clients, results);
    }
    int plain = clients.size() - 1;
    for (int i = 0; i < plain; i++) {
      assertEquals(results.get(plain), results.get(i), "what has come of it");
      assertEquals(
          Set.of(),
          clients.get(i).notIn(clients.get(plain)),
          "what a client writes to standard error with the agent only, run " + i);
    }
    assertEquals(
        Set.of(),
        serversWith.notIn(serversWithout),
        "what the server writes to standard error with the agent only");
    return proven;
  }

  /** What was counted at both ends, as far as they have the agent. */
  private record Counted(Paths client, Paths servers) {}

  /** Has a client use the servers, to its end; returns what has been counted before that. */
  private Counted use(Servers servers, boolean agent, List<Errors> errors, List<String> results)
      throws Exception {
    Errors own = new Errors();
    errors.add(own);
    try (Program client = start("client", 0, servers.ports, agent, folder())) {
      own.of(client);
      try {
        client.send("use");
        if (application.killed) {
          assertEquals("event kill", client.event(PATIENCE).line());
          servers.killAndRestart();
        }
        Answer answer = client.answer("use", PATIENCE);
        results.add(answer.line());
        if (!agent && !servers.agent) {
          return new Counted(Paths.NONE, Paths.NONE);
        }
        List<SwitchStatus> asked =
            SwitchStatus.all().stream().filter(SwitchStatus::isAnswered).toList();
        Paths ofServers = Paths.NONE;
        for (Program server : servers.agent ? servers.programs : List.<Program>of()) {
          ofServers = ofServers.and(Paths.of(server, asked));
        }
        return new Counted(agent ? Paths.of(client, asked) : Paths.NONE, ofServers);
      } catch (Exception | Error e) {
        client.kill();
        throw new AssertionError(e.getMessage() + "\n" + own, e);
      }
    }
  }

  private final class Servers implements AutoCloseable {
    private final boolean agent;
    private final Errors errors;
    private final int[] ports = Setup.freePorts(PORTS_OF_A_NODE * application.nodes);
    private final List<Program> programs = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();

    Servers(boolean agent, Errors errors) throws Exception {
      this.agent = agent;
      this.errors = errors;
      for (int i = 0; i < application.nodes; i++) {
        folders.add(folder());
      }
      start();
    }

    private void start() throws IOException, InterruptedException {
      List<Thread> starters = new ArrayList<>();
      Program[] started = new Program[application.nodes];
      Throwable[] failures = new Throwable[application.nodes];
      // All at once: a node of a cluster may be ready only when it has found the others.
      for (int i = 0; i < application.nodes; i++) {
        int node = i;
        Thread starter =
            new Thread(
                () -> {
                  try {
                    started[node] =
                        Trial.this.start("server", node, ports, agent, folders.get(node));
                    errors.of(started[node]);
                  } catch (IOException | AssertionError e) {
                    failures[node] = e;
                  }
                });
        starter.start();
        starters.add(starter);
      }
      for (Thread starter : starters) {
        starter.join();
      }
      Arrays.stream(started).filter(each -> each != null).forEach(programs::add);
      for (Throwable failure : failures) {
        if (failure != null) {
          programs.forEach(Program::kill);
          throw new AssertionError("a server does not start: " + failure.getMessage(), failure);
        }
      }
    }

    void killAndRestart() throws Exception {
      for (Program program : programs) {
        program.kill();
        program.close();
      }
      programs.clear();
      start();
    }

    @Override
    public void close() throws IOException {
      List<Throwable> failures = new ArrayList<>();
      // The last one first: some nodes wait for the one they found first.
      for (int i = programs.size() - 1; i >= 0; i--) {
        try {
          programs.get(i).close();
        } catch (IOException | AssertionError e) {
          programs.get(i).kill();
          failures.add(e);
        }
      }
      if (!failures.isEmpty()) {
        throw new AssertionError("a server does not end: " + failures, failures.get(0));
      }
    }
  }

  private Path folder() throws IOException {
    return Files.createDirectory(scratch.resolve(Integer.toString(folders++)));
  }

  private Program start(String side, int node, int[] ports, boolean agent, Path folder)
      throws IOException {
    Jvm jvm =
        Jvm.program(
                application.program,
                side,
                Integer.toString(node),
                Integer.toString(PORTS_OF_A_NODE),
                Arrays.stream(ports).mapToObj(Integer::toString).collect(Collectors.joining(",")))
            .runtime(jdk)
            .on(new Folder(folder))
            .optimized()
            .withoutAgent()
            .option(LOG_FORMAT);
    application.optionsBefore.forEach(option -> jvm.option(filledIn(option)));
    if (agent) {
      jvm.option("-javaagent:" + Setup.JAR);
      PATIENT.forEach(jvm::option);
    }
    application.options.forEach(option -> jvm.option(filledIn(option)));
    jvm.with(classes);
    for (Path jar : classPath) {
      jvm.with(jar);
    }
    return jvm.start();
  }

  /** Puts the file names of jars in the place of their artifacts. */
  private String filledIn(String option) {
    String filled = option;
    for (Path jar : classPath) {
      String artifact = jar.getParent().getParent().getFileName().toString();
      filled = filled.replace("{" + artifact + "}", jar.toString());
    }
    return filled;
  }

  /** This machine, with programs that run in a folder of their own. */
  private record Folder(Path path) implements Machine {
    @Override
    public Process start(List<String> command) throws IOException {
      return Finished.clean(new ProcessBuilder(command)).directory(path.toFile()).start();
    }

    @Override
    public String read(String file) throws IOException {
      return Files.readString(Path.of(file));
    }

    @Override
    public Duration patience() {
      return PATIENCE;
    }
  }
}
