package io.twinport.agent.commands;

import io.twinport.agent.control.ControlPeer;
import io.twinport.agent.demo.DemoFigures;
import io.twinport.agent.demo.DemoJvm;
import io.twinport.agent.demo.DemoPaths;
import io.twinport.agent.demo.OtherLoad;
import io.twinport.agent.echo.EchoClient;
import io.twinport.agent.echo.EchoServer;
import io.twinport.agent.view.StatusReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Shows what Twinport does, on this machine: ordinary programs in JVMs of their own, with and
 * without the agent, the paths their connections take, and how fast these are.
 */
@Command(
    name = "demo",
    description = {
      "Shows on this machine what path connections take, and how fast that is.",
      "Runs an ordinary server and clients, with and without the agent, for about 20 seconds."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class DemoCommand implements Callable<Integer> {
  private static final int ROUNDS = 3;

  private static final String SOCKET = "socket";

  @Spec private CommandSpec spec;

  private final List<DemoJvm> jvms = new ArrayList<>();
  private Path jar;

  @Override
  public Integer call() throws IOException, InterruptedException {
    jar = Main.jar();
    if (!ControlPeer.isKnown()) { // The programs are asked what path they took.
      throw new IOException("this Java runtime " + ControlPeer.LACKS);
    }
    if (ModuleLayer.boot().findModule("java.instrument").isEmpty()) {
      throw new IOException("this Java runtime lacks the module java.instrument, for agents");
    }
    // Also for Ctrl-C; a JVM that is killed ends the programs' standard input.
    Runtime.getRuntime().addShutdownHook(new Thread(this::endAll, "end of the demo"));
    return run(spec.commandLine().getOut());
  }

  private int run(PrintWriter out) throws IOException, InterruptedException {
    out.println("An ordinary NIO server and ordinary clients, with and without the agent.");
    out.println(machine());
    String busy = OtherLoad.warning();
    if (busy != null) {
      out.println(busy);
    }
    out.println();
    out.println("Starting the programs ...");
    out.println();
    out.flush();
    List<String> pin = pinToOneCore();
    // All at once: most of a JVM's start is waiting for another processor's work.
    DemoJvm sanServer = start("server with the agent", List.of(), true, EchoServer.class);
    DemoJvm sanClient = start("client with the agent", List.of(), true, EchoClient.class);
    DemoJvm tcpServer = start("server without", List.of(), false, EchoServer.class);
    DemoJvm tcpClient = start("client without", List.of(), false, EchoClient.class);
    boolean pins = !pin.isEmpty();
    DemoJvm oneCoreServer = pins ? start("pinned server", pin, false, EchoServer.class) : null;
    DemoJvm oneCoreClient = pins ? start("pinned client", pin, false, EchoClient.class) : null;
    int sanPort = sanServer.port();
    int tcpPort = tcpServer.port();
    sanClient.answer();
    tcpClient.answer();

    DemoPaths san = DemoPaths.look(sanClient, DemoPaths.CHANNEL, sanPort, sanServer);
    DemoPaths socket = DemoPaths.look(sanClient, SOCKET, sanPort, sanServer);
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"CLIENT", "SERVER", "PATH", "ON TCP", "WHY"});
    rows.add(row("with agent", "with agent", san));
    rows.add(row("with agent, java.net.Socket", "with agent", socket));
    rows.add(
        row(
            "without",
            "with agent",
            DemoPaths.look(tcpClient, DemoPaths.CHANNEL, sanPort, sanServer)));
    rows.add(
        row(
            "with agent",
            "without",
            DemoPaths.look(sanClient, DemoPaths.CHANNEL, tcpPort, sanClient)));
    rows.add(
        row("without", "without", DemoPaths.look(tcpClient, DemoPaths.CHANNEL, tcpPort, null)));
    StatusReport.printTable(rows, out);
    out.println();
    out.println("ON TCP: how many of the connections the kernel lists in /proc/net/tcp.");
    out.println();
    out.flush();
    if (!san.isSan()) {
      // The client chose the path, so it knows why.
      String why = DemoPaths.look(sanClient, DemoPaths.CHANNEL, sanPort, sanClient).why();
      String because = why.isEmpty() ? "" : ": " + why;
      spec.commandLine().getErr().println("demo: the SAN was not taken" + because);
      return 1;
    }

    DemoFigures onTcp = new DemoFigures("TCP", tcpClient, DemoPaths.CHANNEL, tcpPort);
    DemoFigures onSan =
        new DemoFigures("SAN (" + san.path() + ")", sanClient, DemoPaths.CHANNEL, sanPort);
    List<DemoFigures> measured = new ArrayList<>(List.of(onTcp, onSan));
    List<DemoFigures> comparedWith = new ArrayList<>(List.of(onTcp));
    if (pins) {
      oneCoreClient.answer();
      int port = oneCoreServer.port();
      DemoFigures onOneCore =
          new DemoFigures("TCP on one core", oneCoreClient, DemoPaths.CHANNEL, port);
      measured.add(1, onOneCore);
      comparedWith.add(onOneCore);
    }
    if (socket.isSan()) {
      String name = "SAN (" + socket.path() + "), java.net.Socket";
      measured.add(new DemoFigures(name, sanClient, SOCKET, sanPort));
    }
    measure(measured, out);
    print(measured, onSan, comparedWith, out);
    if (busy != null) {
      out.println();
      out.println(busy);
    }
    return 0;
  }

  private static void measure(List<DemoFigures> measured, PrintWriter out)
      throws IOException, InterruptedException {
    int turns = ROUNDS * measured.size();
    out.print("Measuring, for about 15 seconds, turn");
    // Interleaved, so that whatever else this machine does meets all of them.
    for (int i = 0; i < turns; i++) {
      out.print(" " + (i + 1));
      out.flush();
      measured.get(i % measured.size()).round();
    }
    out.println(" of " + turns);
    out.println();
    out.flush();
  }

  private static void print(
      List<DemoFigures> measured,
      DemoFigures onSan,
      List<DemoFigures> comparedWith,
      PrintWriter out) {
    List<String[]> rows = new ArrayList<>();
    rows.add(DemoFigures.heading());
    measured.forEach(figures -> rows.add(figures.row()));
    comparedWith.forEach(figures -> rows.add(onSan.ratioTo(figures)));
    StatusReport.printTable(rows, out);
    out.println();
    out.println("Connect: from the connect to the server's first byte; closing is left out.");
    out.println("Round trip: 64 bytes on one connection, there and back. The client blocks in");
    out.println("its calls, the server has one thread and a selector.");
    out.println("Medians and 99th percentiles: each row took " + ROUNDS + " turns, each after a");
    out.println("warm-up; of these, the middle one counts.");
    out.println("TCP is without the agent at both ends.");
    if (comparedWith.size() == 1) {
      out.println("TCP's fast mode, both ends on one core, is left out: taskset is not there.");
    } else {
      out.println("\"On one core\" is TCP's fast mode: both ends pinned to the same core.");
    }
  }

  private static String[] row(String client, String server, DemoPaths paths) {
    return new String[] {
      client, server, paths.path(), paths.onTcp() + " of " + DemoPaths.CONNECTIONS, paths.why()
    };
  }

  private DemoJvm start(String name, List<String> pin, boolean agent, Class<?> program)
      throws IOException {
    DemoJvm jvm = DemoJvm.start(name, pin, agent, jar, program);
    synchronized (jvms) {
      jvms.add(jvm);
    }
    return jvm;
  }

  private void endAll() {
    synchronized (jvms) {
      jvms.forEach(DemoJvm::close);
    }
  }

  private static String machine() {
    return Runtime.getRuntime().availableProcessors()
        + " processors, "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.version")
        + ", java "
        + Runtime.version();
  }

  /** The command that keeps a JVM on the first core it may use; empty where there is none. */
  private static List<String> pinToOneCore() throws IOException, InterruptedException {
    for (String line :
        Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1)) {
      if (line.startsWith("Cpus_allowed_list:")) {
        String first = line.substring(line.indexOf(':') + 1).strip().split("[-,]", 2)[0];
        List<String> pin = List.of("taskset", "-c", first);
        return works(pin) ? pin : List.of();
      }
    }
    return List.of();
  }

  private static boolean works(List<String> pin) throws InterruptedException {
    List<String> command = new ArrayList<>(pin);
    command.add("true");
    try {
      Process trial =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return trial.waitFor(5, TimeUnit.SECONDS) && trial.exitValue() == 0;
    } catch (IOException e) {
      return false; // There is no such command here.
    }
  }
}
