package io.twinport.it.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.twinport.contract.support.ContractTest;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.NetworkNamespace;
import io.twinport.it.support.Setup;
import io.twinport.it.support.TwoHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The contract through the public API of JVMs as users start them: the JDK's TCP as the oracle, the
 * agent without a SAN, the agent with connects that find no twin and fall back, and the agent over
 * shared memory; with both ends of the connections in one JVM, and in two. That of channels also
 * with the ends on two hosts: the JDK's TCP, and the agent over {@code ucx}. What concerns full
 * backlogs also with the agent sending their clients on to TCP.
 */
class ContractRunsIT {
  private static final List<String> SUITES =
      List.of("InstalledContract", "InstalledSocketContract", "InstalledAsynchronousContract");

  /** Most of a run is waiting, and other tests run beside this one. */
  private static final int RUNS_AT_ONCE = 3;

  /** Rounds of the random tests where it is the kernel's TCP that moves the bytes. */
  private static final int ROUNDS_OVER_TCP = 100;

  private static final List<String> CHANNELS = List.of("InstalledContract");

  private static final List<String> FULL_BACKLOGS = List.of("InstalledFullBacklogContract");

  private static final int MINUTES_PER_RUN = 15;

  private static final int FEWEST_TESTS = 400;
  private static final int FEWEST_OF_FULL_BACKLOGS = 120;

  /** Tests that the JDK of the run can't pass, or that need both ends in one JVM. */
  private static final int MOST_LEFT_OUT = 25;

  private static final String REASON =
      "Assumption failed: " + (Setup.CI ? "(needs .+|.*JDK.*)" : ".+");

  /** An address that no test uses, for the one listener that has a twin when none of theirs has. */
  private static final String ANCHOR = "127.77.0.1";

  /** The path that the connections of a run take. */
  private enum Kind {
    PLAIN_JDK,
    AGENT_WITHOUT_SAN,
    AGENT_FALLING_BACK,
    AGENT_OVER_SAN,
    AGENT_WITH_FULL_BACKLOGS,
    AGENT_BETWEEN_HOSTS;

    boolean isBetweenHosts() {
      return this == AGENT_BETWEEN_HOSTS;
    }

    private List<String> suites() {
      return switch (this) {
        case AGENT_WITH_FULL_BACKLOGS -> FULL_BACKLOGS;
        case AGENT_BETWEEN_HOSTS -> CHANNELS;
        default -> SUITES;
      };
    }

    /** Tests that differ, however many ends they are run from. */
    int fewestTests() {
      return this == AGENT_WITH_FULL_BACKLOGS ? FEWEST_OF_FULL_BACKLOGS : FEWEST_TESTS;
    }

    Jvm jvm(Path results) {
      List<String> arguments = new ArrayList<>(suites());
      arguments.add(0, results.toString());
      if (this == AGENT_OVER_SAN || this == AGENT_BETWEEN_HOSTS) {
        arguments.add("InstalledSanContract");
      }
      Jvm jvm = Jvm.of("ContractRun", arguments.toArray(String[]::new));
      return switch (this) {
        case PLAIN_JDK -> overTcp(jvm).withoutAgent();
        case AGENT_WITHOUT_SAN -> counted(overTcp(jvm)).twinport("providers", "none");
        case AGENT_FALLING_BACK ->
            counted(overTcp(jvm))
                .twinport("rules", "use twin listen " + ANCHOR + " *; use tcp listen * *")
                .option("-Dcontract.anchor=" + ANCHOR);
        case AGENT_OVER_SAN -> counted(jvm).option("-Dcontract.san=true");
        case AGENT_WITH_FULL_BACKLOGS ->
            counted(overTcp(jvm)).option("-Dcontract.san=true").twinport("backlog-full", "tcp");
        case AGENT_BETWEEN_HOSTS ->
            counted(overTcp(jvm))
                .option("-Dcontract.san=true")
                .twinport("providers", "ucx")
                .twinport("ucx.transport", "tcp")
                // A port that was closed a moment ago has a listener in the next test.
                .twinport("ucx.retry-seconds", "0")
                // The tests are about what is decided, not about how busy the machine is.
                .twinport("connect-millis", "10000");
      };
    }

    private static Jvm overTcp(Jvm jvm) {
      return jvm.option("-Dcontract.rounds=" + ROUNDS_OVER_TCP);
    }

    private static Jvm counted(Jvm jvm) {
      return jvm.option("-Dcontract.counters=true");
    }

    /** The path was the one that the run is about. */
    void assertPath(ContractResults results) {
      long san = results.counter("san.accepted") + results.counter("san.connected");
      Map<String, Long> counters = results.counters();
      switch (this) {
        case PLAIN_JDK -> assertEquals(Map.of(), counters);
        case AGENT_WITHOUT_SAN -> {
          assertEquals(0, san, counters::toString);
          assertTrue(results.counter("tcp.no-provider") > 1000, counters::toString);
        }
        case AGENT_FALLING_BACK -> {
          assertEquals(0, san, counters::toString);
          assertTrue(results.counter("tcp.no-twin") > 1000, counters::toString);
        }
        case AGENT_OVER_SAN -> assertTrue(san > 1000, counters::toString);
        case AGENT_WITH_FULL_BACKLOGS -> {
          assertTrue(san > 500, counters::toString);
          assertTrue(results.counter("tcp.backlog-full") > 50, counters::toString);
        }
        case AGENT_BETWEEN_HOSTS -> assertTrue(san > 500, counters::toString);
      }
    }
  }

  private record Run(Kind kind, boolean twoJvms) {
    @Override
    public String toString() {
      return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ')
          + (twoJvms ? ", two JVMs" : ", one JVM");
    }

    /** In a network of its own: a port that it has given back is not taken by another run. */
    ContractResults results() throws Exception {
      if (!kind.isBetweenHosts()) {
        try (NetworkNamespace network = NetworkNamespace.open()) {
          return resultsIn(jvm -> jvm.through(network.enter()));
        }
      }
      try (TwoHosts hosts = TwoHosts.near()) {
        TwoHosts.Host here = hosts.client();
        TwoHosts.Host there = hosts.server();
        String through = String.join(" ", there.network().enter());
        return resultsIn(
            jvm ->
                jvm.through(here.network().enter())
                    .option("-Dcontract.through=" + through)
                    .option("-Dcontract.here=" + here.address())
                    .option("-Dcontract.there=" + there.address()));
      }
    }

    private ContractResults resultsIn(UnaryOperator<Jvm> place) throws Exception {
      Path folder = Setup.scratch("contract");
      Path results = folder.resolve("results");
      Path output = folder.resolve("output");
      List<String> command =
          place
              .apply(kind.jvm(results))
              .withCodeOf(ContractTest.class.getName())
              .withCodeOf("org.junit.platform.launcher.core.LauncherFactory")
              .withCodeOf("org.junit.platform.engine.TestEngine")
              .withCodeOf("org.junit.platform.commons.support.ReflectionSupport")
              .withCodeOf("org.junit.jupiter.engine.JupiterTestEngine")
              .withCodeOf("org.junit.jupiter.api.Test")
              .withCodeOf("org.junit.jupiter.params.ParameterizedTest")
              .withCodeOf("org.opentest4j.AssertionFailedError")
              .option("-Xmx1g")
              .option("-XX:+UseSerialGC")
              // The oracle's own classes are made beside the installed ones.
              .option("--add-exports=java.base/sun.nio.ch=ALL-UNNAMED")
              .option("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
              .option("--add-opens=java.base/java.net=ALL-UNNAMED")
              .option("-Dcontract.two-jvms=" + twoJvms)
              .command();
      Process process =
          Finished.clean(new ProcessBuilder(command))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(MINUTES_PER_RUN, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        fail(this + " hangs; see " + folder);
      }
      assertEquals(0, process.exitValue(), () -> this + ": " + text(output));
      return ContractResults.read(results);
    }

    private static String text(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        return e.toString();
      }
    }
  }

  @TestFactory
  Stream<DynamicContainer> runs() throws IOException {
    Setup.needsSan();
    Setup.needsRoot();
    List<Run> runs = new ArrayList<>();
    runs.add(new Run(Kind.AGENT_OVER_SAN, true)); // Takes longest.
    runs.add(new Run(Kind.AGENT_OVER_SAN, false));
    runs.add(new Run(Kind.AGENT_BETWEEN_HOSTS, true));
    for (Kind kind :
        List.of(
            Kind.AGENT_WITH_FULL_BACKLOGS,
            Kind.AGENT_FALLING_BACK,
            Kind.AGENT_WITHOUT_SAN,
            Kind.PLAIN_JDK)) {
      runs.add(new Run(kind, true));
      runs.add(new Run(kind, false));
    }
    runs.removeIf(run -> !run.toString().matches(Setup.CONTRACT_RUNS));
    assertNotEquals(List.of(), runs, "no run has a name like " + Setup.CONTRACT_RUNS);
    // All are begun before the first is looked at, which happens as the stream is taken from.
    record Begun(Run run, Future<ContractResults> results) {}
    ExecutorService starter = Executors.newFixedThreadPool(RUNS_AT_ONCE);
    List<Begun> begun =
        runs.stream().map(run -> new Begun(run, starter.submit(run::results))).toList();
    starter.shutdown(); // What was submitted is still run.
    return begun.stream()
        .map(
            each ->
                DynamicContainer.dynamicContainer(
                    each.run.toString(), Stream.of(each).flatMap(it -> tests(it.run, it.results))));
  }

  private static Stream<DynamicTest> tests(Run run, Future<ContractResults> future) {
    ContractResults results;
    try {
      results = future.get();
    } catch (ExecutionException e) {
      return Stream.of(
          test(
              run + ": runs to its end",
              () -> {
                throw new AssertionError(run.toString(), e.getCause());
              }));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    List<DynamicTest> tests = new ArrayList<>();
    results.byContract().forEach((name, outcomes) -> tests.add(contractTest(run, name, outcomes)));
    tests.add(test(run + ": the path", () -> assertPath(run, results)));
    tests.add(test(run + ": nothing is left out", () -> assertComplete(run, results)));
    return tests.stream();
  }

  private static DynamicTest contractTest(
      Run run, String contract, List<ContractResults.Outcome> outcomes) {
    return test(
        run + ": " + contract,
        () -> {
          List<ContractResults.Outcome> failed =
              outcomes.stream().filter(outcome -> outcome.is("failed")).toList();
          if (!failed.isEmpty()) {
            StringBuilder text = new StringBuilder();
            failed.forEach(
                outcome ->
                    text.append(outcome.test()).append(": ").append(outcome.text()).append('\n'));
            fail(failed.size() + " of " + outcomes.size() + " tests: " + text);
          }
          return null;
        });
  }

  private static Void assertPath(Run run, ContractResults results) {
    run.kind.assertPath(results);
    return null;
  }

  /**
   * Every test ran, from one end or the other, but few; and each of those says why not, which on
   * the build server is never what the machine lacks.
   */
  private static Void assertComplete(Run run, ContractResults results) {
    int passed = results.passed().size();
    assertTrue(passed >= run.kind.fewestTests(), "only " + passed + " tests");
    Map<String, String> leftOut = results.leftOut();
    assertTrue(leftOut.size() <= MOST_LEFT_OUT, leftOut::toString);
    leftOut.values().removeIf(why -> why.matches(REASON));
    assertEquals(Map.of(), leftOut, "without a reason");
    return null;
  }

  private static DynamicTest test(String name, Callable<Void> body) {
    return DynamicTest.dynamicTest(name, body::call);
  }
}
