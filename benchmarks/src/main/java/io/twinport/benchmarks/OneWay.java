package io.twinport.benchmarks;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Stream;
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
 * Throughput: the client writes as fast as it may, the server reads and counts. One operation is
 * one write of {@code size} bytes. At the end both sides must have counted the same.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class OneWay extends TwoProcesses {
  /** What both ends use. */
  @Param({"CHANNEL", "SELECTOR"})
  public Api api;

  /** The length of a write, in bytes. */
  @Param({"1024", "65536"})
  public int size;

  private Stream stream;

  /** Called by JMH. */
  public OneWay() {}

  /** Starts the server and connects. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    stream = new Stream(api, start(Service.DRAIN, api), size);
    verifyPath();
  }

  /** What is measured. */
  @Benchmark
  public void write() throws IOException {
    stream.write();
  }

  /** Compares the counts, checks the path and ends both sides. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    try {
      verifyPath();
      stream.finish();
    } finally {
      stop();
      stream.close();
    }
  }
}
