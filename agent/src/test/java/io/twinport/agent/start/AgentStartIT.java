package io.twinport.agent.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.tools.attach.VirtualMachine;
import io.twinport.agent.start.probe.LosesItsJar;
import io.twinport.agent.start.probe.OwnProvider;
import io.twinport.agent.start.probe.ShowNativeAccess;
import io.twinport.agent.start.probe.ShowProvider;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code -javaagent:twinport.jar} does to a JVM that starts, and what it leaves alone. */
@Timeout(240)
class AgentStartIT {
  private static final Path JDK = Path.of(System.getProperty("twinport.test.jdk"));
  private static final Path JAR = Path.of(System.getProperty("twinport.jar"));
  private static final String AGENT = "-javaagent:" + JAR;
  private static final String PROPERTY = "java.nio.channels.spi.SelectorProvider";
  private static final String OURS = "io.twinport.nio.TwinSelectorProvider";
  private static final String THE_JDKS = "sun.nio.ch.EPollSelectorProvider";

  @TempDir private Path folder;
  private Process process;

  @AfterEach
  void endTheJvm() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void installsTheSwitchAndSaysNothing() throws Exception {
    Result result = java(AGENT, "-cp", classes(), ShowProvider.class.getName());
    assertEquals("provider: " + OURS + "\nproperty: null\n", result.out());
    assertEquals("", result.err());
    assertEquals(0, result.code());
  }

  @Test
  void anInheritedPropertyThatNamesTheSwitchIsNoOneElses() throws Exception {
    Result result =
        java(AGENT, "-D" + PROPERTY + "=" + OURS, "-cp", classes(), ShowProvider.class.getName());
    assertEquals("provider: " + OURS + "\nproperty: " + OURS + "\n", result.out());
    assertEquals("", result.err());
  }

  @Test
  void asksFrameworksForNioOnlyIfTold() throws Exception {
    String netty = "io.netty.transport.noNative";
    String program = ShowProvider.class.getName();
    assertEquals(
        netty + "=true\n",
        java(AGENT + "=prefer-nio=true", "-cp", classes(), program, netty).out());
    assertEquals(netty + "=null\n", java(AGENT, "-cp", classes(), program, netty).out());
  }

  @Test
  void aProgramRunFromItsSourceIsServed() throws Exception {
    Path source = folder.resolve("Hello.java");
    Files.writeString(
        source,
        "public class Hello { public static void main(String[] a) { System.out.print("
            + "java.nio.channels.spi.SelectorProvider.provider().getClass().getName()); } }");
    Result result = java(AGENT, source.toString());
    assertEquals(OURS, result.out());
    assertEquals("", result.err());
  }

  @Test
  void theApplicationKeepsTheProviderItNamesInAProperty() throws Exception {
    String own = OwnProvider.class.getName();
    Result result =
        java(AGENT, "-D" + PROPERTY + "=" + own, "-cp", classes(), ShowProvider.class.getName());
    assertEquals("provider: " + own + "\nproperty: " + own + "\n", result.out());
    assertOneLine(result.err(), "keeps its own selector provider", own);
  }

  @Test
  void theApplicationKeepsTheProviderThatIsAServiceOnItsClassPath() throws Exception {
    String own = OwnProvider.class.getName();
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(PROPERTY), own + "\n");
    String classPath = folder + File.pathSeparator + classes();
    Result result = java(AGENT, "-cp", classPath, ShowProvider.class.getName());
    assertEquals("provider: " + own + "\nproperty: null\n", result.out());
    assertOneLine(result.err(), "keeps its own selector provider", own);
  }

  @Test
  void aSecondAgentIsToldAndIgnored() throws Exception {
    Result result = java(AGENT, AGENT, "-cp", classes(), ShowProvider.class.getName());
    assertEquals("provider: " + OURS + "\nproperty: null\n", result.out());
    assertOneLine(result.err(), "already");
  }

  @Test
  void toolsOfTheJdkAreLeftAlone() throws Exception {
    String loaded = run("jps", "-J" + AGENT, "-J-Xlog:class+load").out();
    assertTrue(loaded.contains(Launch.class.getName() + " "), "the agent was there");
    assertFalse(loaded.contains(OURS + " "), "and did nothing");
  }

  @Test
  void ourOwnCommandsAreLeftAlone() throws Exception {
    Result result = java(AGENT, "-Xlog:class+load", "-jar", JAR.toString(), "version");
    assertEquals(0, result.code());
    assertFalse(result.out().contains(OURS + " "));
  }

  @Test
  void anApplicationThatMayDoNothingRunsOverTcp() throws Exception {
    assumeTrue(
        Files.readString(JDK.resolve("release")).contains("JAVA_VERSION=\"17"),
        "later JDKs have no security manager");
    Result result =
        java(AGENT, "-Djava.security.manager", "-cp", classes(), ShowProvider.class.getName());
    assertEquals("provider: " + THE_JDKS + "\nproperty: hidden\n", result.out());
    assertEquals(1, result.err().lines().filter(line -> line.startsWith("twinport: ")).count());
  }

  @Test
  void attachedBeforeTheFirstChannelItServesThemAll() throws Exception {
    assertEquals("provider: " + OURS + "\nproperty: null\n", attachTo(new StringBuilder(), "wait"));
  }

  @Test
  void attachedAfterTheFirstChannelItServesThoseToCome() throws Exception {
    StringBuilder err = new StringBuilder();
    String out = attachTo(err, "before", "wait");
    assertEquals("provider: " + OURS + "\nproperty: null\n", out);
    assertEquals("", err.toString());
  }

  @Test
  void theApplicationKeepsItsOwnProviderWhenAttachedTo() throws Exception {
    String own = OwnProvider.class.getName();
    StringBuilder err = new StringBuilder();
    String out = attachTo(err, "own", "before", "wait");
    assertEquals("provider: " + own + "\nproperty: null\n", out);
    assertOneLine(err.toString(), "in use already", own);
  }

  @Test
  void aProcessGoesOnWhenTheJarIsOverwritten() throws Exception {
    Result result = losingItsJar("after");
    assertEquals("done\n", result.out());
    // What changes the JDK's classes may not have been needed before, by this JDK: then it is said.
    if (!result.err().isEmpty()) {
      assertOneLine(result.err(), "jar was changed", "TCP only");
    }
  }

  @Test
  void aProcessWhoseJarIsOverwrittenBeforeItsFirstChannelRunsOverTcp() throws Exception {
    Result result = losingItsJar("before");
    assertEquals("done\n", result.out());
    assertOneLine(result.err(), "jar was changed", "TCP only");
  }

  private Result losingItsJar(String when) throws Exception {
    Path copy = Files.copy(JAR, folder.resolve("copy.jar"));
    return java(
        "-javaagent:" + copy, "-cp", classes(), LosesItsJar.class.getName(), copy.toString(), when);
  }

  @Test
  void aProcessThatIsToFailWithoutProvidersEndsWhateverItsHooksDo() throws Exception {
    Path copy = Files.copy(JAR, folder.resolve("copy.jar"));
    try (FileSystem entries = FileSystems.newFileSystem(copy)) {
      Files.delete(entries.getPath("inner/io/twinport/shm/ShmProvider.classdata"));
    }
    Result result =
        java(
            "-javaagent:" + copy + "=on-error=fail",
            "-cp",
            classes(),
            LosesItsJar.class.getName(),
            copy.toString(),
            "hook");
    assertEquals(1, result.code());
    assertEquals("", result.out());
    assertOneLine(result.err(), "on-error=fail");
  }

  @Test
  void nativeAccessIsGrantedToOurModuleAlone() throws Exception {
    List<String> options = new ArrayList<>(List.of(AGENT, "-cp", classes()));
    int version = versionOf(JDK);
    boolean guarded = version >= 22;
    if (version >= 24) {
      options.add("--illegal-native-access=deny");
    }
    options.add(ShowNativeAccess.class.getName());
    Result result = java(options.toArray(String[]::new));
    assertEquals(
        "before: false\nlistening: true\n" + (guarded ? "application: false\n" : ""), result.out());
    assertEquals("", result.err());
  }

  private static int versionOf(Path jdk) throws IOException {
    for (String line : Files.readAllLines(jdk.resolve("release"))) {
      if (line.startsWith("JAVA_VERSION=")) {
        return Runtime.Version.parse(line.split("\"")[1]).feature();
      }
    }
    throw new IOException("no version in " + jdk);
  }

  /**
   * Starts a program, attaches the agent once it waits, and returns what it prints from then on.
   */
  private String attachTo(StringBuilder err, String... arguments) throws Exception {
    Path errors = folder.resolve("err");
    List<String> command = new ArrayList<>();
    command.add(JDK.resolve("bin/java").toString());
    command.addAll(List.of("-XX:+EnableDynamicAgentLoading", "-cp", classes()));
    command.add(ShowProvider.class.getName());
    command.addAll(List.of(arguments));
    process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    StringBuilder out = new StringBuilder();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        OutputStream in = process.getOutputStream()) {
      String line = lines.readLine();
      while (!"waiting".equals(line)) {
        assertTrue(line != null, "the program waits");
        line = lines.readLine();
      }
      VirtualMachine machine = VirtualMachine.attach(String.valueOf(process.pid()));
      machine.loadAgent(JAR.toString());
      machine.detach();
      in.write('\n');
      in.flush();
      for (line = lines.readLine(); line != null; line = lines.readLine()) {
        out.append(line).append('\n');
      }
    }
    assertEquals(0, process.waitFor());
    err.append(Files.readString(errors));
    return out.toString();
  }

  private static void assertOneLine(String err, String... parts) {
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith("twinport: "), err);
    for (String part : parts) {
      assertTrue(err.contains(part), err);
    }
  }

  private static String classes() {
    return ShowProvider.class.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  private Result java(String... arguments) throws IOException, InterruptedException {
    return run("java", arguments);
  }

  private Result run(String tool, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(JDK.resolve("bin").resolve(tool).toString());
    command.addAll(List.of(arguments));
    Path errors = folder.resolve("err");
    process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    process.getOutputStream().close();
    String out;
    try (InputStream in = process.getInputStream()) {
      out = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the JVM ends");
    return new Result(out, Files.readString(errors), process.exitValue());
  }

  private record Result(String out, String err, int code) {}
}
