package io.twinport.benchmarks;

import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Transport;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.Runtime.Version;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.ExternalProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;

/**
 * Starts each fork as its parameters say: with the agent where the transport is the SAN, and on the
 * processors of its placement. It measures nothing; a profiler is JMH's one place where the command
 * of a fork can depend on the parameters.
 */
public final class ForkCommand implements ExternalProfiler {
  /** The system property with the path of the agent's jar. */
  static final String AGENT_JAR = "twinport.jar";

  /** The system property that tells a fork how to place its server: words separated by spaces. */
  static final String SERVER_PREFIX = "io.twinport.benchmarks.server-prefix";

  /** Called by JMH. */
  public ForkCommand() {}

  @Override
  public Collection<String> addJVMInvokeOptions(BenchmarkParams params) {
    try {
      return placement(params).clientPrefix();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Collection<String> addJVMOptions(BenchmarkParams params) {
    List<String> options = new ArrayList<>();
    try {
      options.add("-D" + SERVER_PREFIX + "=" + String.join(" ", placement(params).serverPrefix()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (Quiet.isNeededBy(Version.parse(params.getJdkVersion()))) {
      options.add(Quiet.OPTION);
    }
    if (transport(params) == Transport.SAN) {
      options.add("-javaagent:" + System.getProperty(AGENT_JAR));
    }
    return options;
  }

  private static Placement placement(BenchmarkParams params) {
    return Placement.valueOf(params.getParam("pin"));
  }

  private static Transport transport(BenchmarkParams params) {
    return Transport.valueOf(params.getParam("transport"));
  }

  @Override
  public void beforeTrial(BenchmarkParams params) {}

  @Override
  public Collection<? extends Result<?>> afterTrial(
      BenchmarkResult result, long pid, File stdOut, File stdErr) {
    return List.of();
  }

  @Override
  public boolean allowPrintOut() {
    return true;
  }

  @Override
  public boolean allowPrintErr() {
    return true;
  }

  @Override
  public String getDescription() {
    return "Starts forks with the agent and on the processors that their parameters ask for";
  }
}
