package io.twinport.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Locale;
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
 * The JDK's interfaces beside each other: {@code java.net}'s sockets and channels in blocking mode,
 * the same one at both ends. Asynchronous channels have to be asked for: {@code -p api=ASYNC}.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 600, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class BlockingCalls {
  /** Called by JMH. */
  public BlockingCalls() {}

  /** What both benchmarks need. */
  public abstract static class BothEnds extends TwoProcesses {
    /** What both ends use. */
    @Param({"CHANNEL", "SOCKET"})
    public Api api;

    BothEnds() {}

    final InetSocketAddress start(BlockingServer.Service service) throws IOException {
      server =
          ServerProcess.start(
              BlockingServer.class,
              service.name().toLowerCase(Locale.ROOT),
              api.name().toLowerCase(Locale.ROOT));
      return server.address();
    }
  }

  /** An established connection whose other end sends back what it gets. */
  public static class Established extends BothEnds {
    private static final int MESSAGE_BYTES = 64;

    private Api.Connection connection;
    private ByteBuffer out;
    private ByteBuffer in;
    private long sequence;

    /** Called by JMH. */
    public Established() {}

    /** Starts the server and connects. */
    @Setup(Level.Trial)
    public void open() throws IOException {
      out = api.allocate(MESSAGE_BYTES);
      in = api.allocate(MESSAGE_BYTES);
      connection = api.connect(start(BlockingServer.Service.ECHO));
      connection.noDelay();
      // Once there and back: the server has accepted, so both ends are in the kernel's table.
      roundTrip();
      verifyPath();
    }

    long roundTrip() throws IOException {
      out.clear();
      out.putLong(0, ++sequence);
      connection.write(out);
      in.clear();
      while (in.hasRemaining()) {
        if (connection.read(in) < 0) {
          throw new EOFException("The server closed after message " + (sequence - 1));
        }
      }
      long answer = in.getLong(0);
      if (answer != sequence) {
        throw new IOException("Message " + sequence + " came back as " + answer);
      }
      return answer;
    }

    /** Checks the path and ends both sides. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
      try {
        verifyPath();
      } finally {
        server.close();
        connection.close();
      }
    }
  }

  /** A server that greets. */
  public static class Greeted extends BothEnds {
    private InetSocketAddress address;
    private ByteBuffer buffer;
    private Api.Connection connection;

    /** Called by JMH. */
    public Greeted() {}

    /** Starts the server and looks at the path of a first connection. */
    @Setup(Level.Trial)
    public void open() throws IOException {
      buffer = api.allocate(1);
      address = start(BlockingServer.Service.GREET);
      look();
    }

    private void look() throws IOException {
      connect();
      verifyPath();
      leave();
    }

    Api.Connection connect() throws IOException {
      connection = api.connect(address);
      if (connection.read(buffer.clear()) != 1) {
        connection.close();
        throw new EOFException("The server closed without a greeting");
      }
      return connection;
    }

    /** Takes leave; the server closes first, so that the client's ports are free again at once. */
    @TearDown(Level.Invocation)
    public void leave() throws IOException {
      try (Api.Connection leaving = connection) {
        leaving.write(buffer.clear());
        if (leaving.read(buffer.clear()) >= 0) {
          throw new IOException("The server sent more than a greeting");
        }
      }
    }

    /** Looks at the path once more: over TCP each connection leaves a trace for a minute. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
      try {
        look();
      } finally {
        server.close();
      }
    }
  }

  /** The time of a message of 64 bytes there and back. */
  @Benchmark
  public long roundTrip(Established established) throws IOException {
    return established.roundTrip();
  }

  /**
   * The time from {@code connect} to the first byte back, which the server's accepting thread
   * sends. Closing is not part of it: the next connect begins when the server has closed.
   */
  @Benchmark
  public Object connect(Greeted greeted) throws IOException {
    return greeted.connect();
  }
}
