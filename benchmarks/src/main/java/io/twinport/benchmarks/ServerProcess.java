package io.twinport.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A server in a process of its own, with the same agent as this process. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  // Open for as long as the server is to live.
  private final OutputStream lifeline;
  private final InetSocketAddress address;

  private ServerProcess(Process process, InetSocketAddress address) {
    this.process = process;
    this.lifeline = process.getOutputStream();
    this.address = address;
  }

  /**
   * Starts a {@link BenchmarkServer} and waits until it listens.
   *
   * @throws IOException if it can't be started, or ends before it listens
   */
  static ServerProcess start(BenchmarkServer.Service service) throws IOException {
    return start(BenchmarkServer.class, service.name().toLowerCase(Locale.ROOT));
  }

  /**
   * Starts a program that prints its port first, and waits until it has.
   *
   * @throws IOException if it can't be started, or ends before it listens
   */
  static ServerProcess start(Class<?> program, String... arguments) throws IOException {
    while (true) {
      ServerProcess server = launch(command(program, arguments));
      if (SocketTable.read(server.address.getPort()).connections() == 0) {
        return server;
      }
      // The kernel remembers somebody's connections from this port: it can't be a witness for ours.
      server.close();
    }
  }

  private static ServerProcess launch(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      return new ServerProcess(
          process, new InetSocketAddress(InetAddress.getLoopbackAddress(), readPort(process)));
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static List<String> command(Class<?> program, String... arguments) {
    List<String> command = new ArrayList<>();
    String prefix = System.getProperty(ForkCommand.SERVER_PREFIX, "");
    if (!prefix.isEmpty()) {
      command.addAll(List.of(prefix.split(" ")));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (argument.startsWith("-javaagent:") || argument.startsWith("-Dtwinport.")) {
        command.add(argument);
      }
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  private static int readPort(Process process) throws IOException {
    // Never closed: it is the process's own, and goes with it.
    BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    String line = out.readLine();
    if (line == null) {
      throw new IOException("The server ended before it listened");
    }
    return Integer.parseInt(line.strip());
  }

  InetSocketAddress address() {
    return address;
  }

  /**
   * Checks from outside that the connections of this server run on {@code transport}, while one is
   * open.
   *
   * @throws IllegalStateException if they do not
   */
  void verify(Transport transport) throws IOException {
    SocketTable table = SocketTable.read(address.getPort());
    if (transport == Transport.TCP && table.established() == 0) {
      throw new IllegalStateException(
          "This row is for TCP, but the kernel has no established connection to port "
              + address.getPort()
              + ": is there an agent in JAVA_TOOL_OPTIONS?");
    }
    if (transport == Transport.SAN && table.connections() != 0) {
      throw new IllegalStateException(
          "This row is for the SAN, but the kernel has "
              + table.connections()
              + " TCP connections to port "
              + address.getPort()
              + ": `java -jar twinport.jar status` says why, and so does -Dtwinport.log=debug");
    }
  }

  /** Kills the server and waits until it is gone. */
  @Override
  public void close() throws IOException {
    lifeline.close();
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
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
