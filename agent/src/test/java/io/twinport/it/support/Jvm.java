package io.twinport.it.support;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM to be started: which program, on what class path, with or without the agent. */
public final class Jvm {
  /** Where the programs are. */
  public static final Path CLASSES =
      Path.of(Jvm.class.getProtectionDomain().getCodeSource().getLocation().getPath());

  /** A busy machine's answers are late; who has to see what comes of that sets its own. */
  private static final String PATIENCE_MILLIS = "20000";

  /**
   * Of a program that runs for seconds, most of the processors' time would go into compiling well
   * what is run a few times only.
   */
  private static final String COMPILES_QUICKLY = "-XX:TieredStopAtLevel=1";

  private final String mainClass;
  private final List<String> wrapper = new ArrayList<>();
  private final List<String> options = new ArrayList<>();
  private final List<Path> classPath = new ArrayList<>(List.of(CLASSES));
  private final List<String> arguments = new ArrayList<>();
  private boolean agent = Setup.SAN;
  private boolean optimized;
  private Path jar = Setup.JAR;
  private Machine machine = Machine.THIS;
  private Path runtime = Setup.JDK;

  private Jvm(String mainClass) {
    this.mainClass = mainClass;
    options.add("-Xmx512m");
  }

  /** The program of that simple name in {@code io.twinport.it.apps}, with the agent. */
  public static Jvm of(String app, String... arguments) {
    Jvm jvm = new Jvm("io.twinport.it.apps." + app);
    jvm.arguments.addAll(List.of(arguments));
    return jvm;
  }

  /** A program of its own, which has nothing of the tests on its class path. */
  public static Jvm program(String mainClass, String... arguments) {
    Jvm jvm = new Jvm(mainClass);
    jvm.classPath.clear();
    jvm.arguments.addAll(List.of(arguments));
    return jvm;
  }

  /** An attack on others, by the tests of the native code; without the agent. */
  public static Jvm attacker(String... arguments) throws IOException {
    Jvm jvm = new Jvm("io.twinport.shm.Attacker");
    jvm.arguments.addAll(List.of(arguments));
    return jvm.withoutAgent()
        .with(Setup.library("attacker"))
        .option("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
        .option("--enable-native-access=ALL-UNNAMED")
        .option("-Djffi.unsafe.disabled=true");
  }

  public Jvm withoutAgent() {
    agent = false;
    return this;
  }

  /** With all of the JVM's compilers, as users have it. */
  public Jvm optimized() {
    optimized = true;
    return this;
  }

  /** Another agent's jar than the shipped one. */
  public Jvm agent(Path other) {
    jar = other;
    return this;
  }

  public Jvm option(String option) {
    options.add(option);
    return this;
  }

  /** A system property of Twinport's; there is none when the tests run over plain TCP. */
  public Jvm twinport(String name, String value) {
    return agent ? option("-Dtwinport." + name + "=" + value) : this;
  }

  /** Adds a jar, or every jar of a folder, or the folder itself if it has none. */
  public Jvm with(Path folder) throws IOException {
    if (!java.nio.file.Files.isDirectory(folder)) {
      classPath.add(folder);
      return this;
    }
    try (Stream<Path> files = java.nio.file.Files.list(folder)) {
      List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
      classPath.addAll(jars.isEmpty() ? List.of(folder) : jars);
    }
    return this;
  }

  /** Adds the jar or folder that this JVM has a class from. */
  public Jvm withCodeOf(String type) throws ClassNotFoundException {
    classPath.add(
        Path.of(Class.forName(type).getProtectionDomain().getCodeSource().getLocation().getPath()));
    return this;
  }

  /** The Java runtime it is of; the JDK under test if not told otherwise. */
  public Jvm runtime(Path home) {
    runtime = home;
    return this;
  }

  /** Where to start it; on this machine if not told otherwise. */
  public Jvm on(Machine place) {
    machine = place;
    return this;
  }

  /** A command to start the JVM through, such as {@code unshare}. */
  public Jvm through(String... command) {
    wrapper.addAll(List.of(command));
    return this;
  }

  /** Starts the JVM and waits until the program says that it is ready. */
  public Program start() throws IOException {
    return Program.start(machine, command());
  }

  /** The command that starts the JVM. */
  public List<String> command() {
    List<String> command = new ArrayList<>(wrapper);
    command.add(runtime.resolve("bin/java").toString());
    if (agent) {
      command.add("-javaagent:" + jar);
      command.add("-Dtwinport.start-millis=" + PATIENCE_MILLIS);
      command.add("-Dtwinport.shm.connect-millis=" + PATIENCE_MILLIS);
    }
    if (!optimized) {
      command.add(COMPILES_QUICKLY);
    }
    command.addAll(options);
    command.add("-cp");
    command.add(
        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.add(mainClass);
    command.addAll(arguments);
    return command;
  }

  /** Runs a command of the shipped file. */
  public static Finished command(String... words) throws IOException, InterruptedException {
    return command(List.of(), words);
  }

  /** As {@link #command(String...)}, through another command such as {@code nsenter}. */
  public static Finished command(List<String> through, String... words)
      throws IOException, InterruptedException {
    return command(Machine.THIS, through, words);
  }

  /** As {@link #command(String...)}, on another machine. */
  public static Finished command(Machine machine, String... words)
      throws IOException, InterruptedException {
    return command(machine, List.of(), words);
  }

  private static Finished command(Machine machine, List<String> through, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(through);
    command.add(Setup.JDK.resolve("bin/java").toString());
    command.add(COMPILES_QUICKLY);
    command.add("-jar");
    command.add(Setup.JAR.toString());
    command.addAll(List.of(words));
    return machine.run(command);
  }
}
