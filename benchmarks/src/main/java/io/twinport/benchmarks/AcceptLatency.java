package io.twinport.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time from {@code connect} to the first byte back, warm and back to back: the client connects,
 * the server's selector reports {@code OP_ACCEPT}, it accepts and writes one byte, the client reads
 * it. Closing is not part of the time: the client says goodbye, and the next connect begins when
 * the server has closed, so that neither path pays for the connection before.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AcceptLatency extends TwoProcesses {
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1);
  private InetSocketAddress address;
  private SocketChannel witness;
  private SocketChannel channel;

  /** Called by JMH. */
  public AcceptLatency() {}

  /** Starts the server and keeps one connection open: it shows the path. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    server = ServerProcess.start(BenchmarkServer.Service.GREET);
    address = server.address();
    witness = greeted();
    verifyPath();
  }

  /** What is measured. */
  @Benchmark
  public SocketChannel connect() throws IOException {
    channel = greeted();
    return channel;
  }

  private SocketChannel greeted() throws IOException {
    SocketChannel connected = SocketChannel.open(address);
    buffer.clear();
    if (connected.read(buffer) != 1) {
      connected.close();
      throw new EOFException("The server closed without a greeting");
    }
    return connected;
  }

  /** Takes leave; the server closes first, so that the client's ports are free again at once. */
  @TearDown(Level.Invocation)
  public void leave() throws IOException {
    try (SocketChannel leaving = channel) {
      buffer.clear();
      leaving.write(buffer);
      buffer.clear();
      if (leaving.read(buffer) >= 0) {
        throw new IOException("The server sent more than a greeting");
      }
    }
  }

  /** Checks the path of all connections: over TCP each leaves a trace for a minute. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    try {
      verifyPath();
    } finally {
      server.close();
      witness.close();
    }
  }
}
