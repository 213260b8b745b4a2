package io.twinport.benchmarks;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Greeting;
import io.twinport.benchmarks.ends.Service;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time from {@code connect} to the first byte back, warm and back to back: the client connects,
 * the server accepts and writes one byte, the client reads it. Closing is not part of the time: the
 * client says goodbye, and the next connect begins when the server has closed, so that neither path
 * pays for the connection before.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AcceptLatency extends TwoProcesses {
  /** What both ends use. */
  @Param({"SELECTOR", "CHANNEL", "SOCKET"})
  public Api api;

  private Greeting greeting;

  /** Called by JMH. */
  public AcceptLatency() {}

  /** Starts the server and looks at the path of a first connection. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    greeting = new Greeting(api, start(Service.GREET, api));
    look();
  }

  private void look() throws IOException {
    greeting.connect();
    verifyPath();
    greeting.leave();
  }

  /** What is measured. */
  @Benchmark
  public Object connect() throws IOException {
    return greeting.connect();
  }

  /** Takes leave. */
  @TearDown(Level.Invocation)
  public void leave() throws IOException {
    greeting.leave();
  }

  /** Looks at the path once more: over TCP each connection leaves a trace for a minute. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    try {
      look();
    } finally {
      stop();
    }
  }
}
