package io.twinport.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
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
 * Throughput: a blocking client writes as fast as it may, the selector server reads and counts. One
 * operation is one write of {@code size} bytes. At the end both sides must have counted the same.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class OneWay extends TwoProcesses {
  /** The length of a write, in bytes. */
  @Param({"1024", "65536"})
  public int size;

  private ByteBuffer buffer;
  private long written;
  private SocketChannel channel;

  /** Called by JMH. */
  public OneWay() {}

  /** Starts the server and connects. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    buffer = ByteBuffer.allocateDirect(size);
    server = ServerProcess.start(BenchmarkServer.Service.DRAIN);
    channel = SocketChannel.open(server.address());
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    verifyPath();
  }

  /** What is measured. */
  @Benchmark
  public void write() throws IOException {
    buffer.clear();
    while (buffer.hasRemaining()) {
      written += channel.write(buffer);
    }
  }

  /** Compares the counts, checks the path and ends both sides. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    try {
      verifyPath();
      channel.shutdownOutput();
      long read = readCount();
      if (read != written) {
        throw new IOException("Of " + written + " bytes the server read " + read);
      }
    } finally {
      server.close();
      channel.close();
    }
  }

  private long readCount() throws IOException {
    ByteBuffer count = ByteBuffer.allocate(Long.BYTES);
    while (count.hasRemaining()) {
      if (channel.read(count) < 0) {
        throw new EOFException("The server closed without a count");
      }
    }
    return count.getLong(0);
  }
}
