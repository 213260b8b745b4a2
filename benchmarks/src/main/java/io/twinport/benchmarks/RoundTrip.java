package io.twinport.benchmarks;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Exchange;
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
 * The time of one message there and back on an established connection. Nothing here allocates: what
 * {@code -prof gc} shows is the channel's and the selector's. Asynchronous channels have to be
 * asked for: {@code -p api=ASYNC}.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class RoundTrip extends TwoProcesses {
  /** What both ends use. */
  @Param({"CHANNEL", "SELECTOR", "SOCKET"})
  public Api api;

  /** The length of the message, in bytes, from 1 to 1 MiB. */
  @Param("64")
  public int size;

  private Exchange exchange;

  /** Called by JMH. */
  public RoundTrip() {}

  /** Starts the server and connects. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    exchange = new Exchange(api, start(Service.ECHO, api), size);
    verifyPath();
  }

  /** What is measured. */
  @Benchmark
  public long roundTrip() throws IOException {
    return exchange.roundTrip();
  }

  /** Checks the path and ends both sides. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    try {
      verifyPath();
    } finally {
      stop();
      exchange.close();
    }
  }
}
