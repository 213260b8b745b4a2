package io.twinport.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
 * The time of one message there and back on an established connection. The server is a selector
 * server. Nothing here allocates: what {@code -prof gc} shows is the channel's and the selector's.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class RoundTrip extends TwoProcesses {
  /** How the client waits for the answer. */
  public enum Client {
    /** In a blocking {@code read}. */
    BLOCKING,
    /** In {@code select}. */
    SELECTOR
  }

  /** Past it, both ends could be writing and nobody reading. */
  private static final int MAX_BYTES = 1 << 20;

  /** How the client waits. */
  @Param public Client client;

  /** The length of the message, in bytes, from 8 to 1 MiB. */
  @Param("64")
  public int size;

  private final Consumer<SelectionKey> transfer = this::transfer;
  private ByteBuffer out;
  private ByteBuffer in;
  private long sequence;
  private SocketChannel channel;
  private Selector selector;
  private SelectionKey key;
  private int interest;

  /** Called by JMH. */
  public RoundTrip() {}

  /** Starts the server and connects. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    if (size < Long.BYTES || size > MAX_BYTES) {
      throw new IllegalArgumentException("size must be 8 to " + MAX_BYTES + ", is " + size);
    }
    out = ByteBuffer.allocateDirect(size);
    in = ByteBuffer.allocateDirect(size);
    server = ServerProcess.start(BenchmarkServer.Service.ECHO);
    channel = SocketChannel.open(server.address());
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (client == Client.SELECTOR) {
      selector = Selector.open();
      channel.configureBlocking(false);
      interest = SelectionKey.OP_READ;
      key = channel.register(selector, interest);
    }
    // Once there and back: the server has accepted, so both ends are in the kernel's table.
    roundTrip();
    verifyPath();
  }

  /** What is measured. */
  @Benchmark
  public long roundTrip() throws IOException {
    out.clear();
    out.putLong(0, ++sequence);
    in.clear();
    if (client == Client.BLOCKING) {
      block();
    } else {
      select();
    }
    long answer = in.getLong(0);
    if (answer != sequence) {
      throw new IOException("Message " + sequence + " came back as " + answer);
    }
    return answer;
  }

  private void block() throws IOException {
    while (out.hasRemaining()) {
      channel.write(out);
    }
    while (in.hasRemaining()) {
      read();
    }
  }

  private void select() throws IOException {
    channel.write(out);
    while (true) {
      int wanted =
          out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
      if (wanted != interest) {
        interest = wanted;
        key.interestOps(wanted);
      }
      if (!in.hasRemaining()) {
        return;
      }
      selector.select(transfer);
    }
  }

  private void transfer(SelectionKey ready) {
    try {
      if (ready.isWritable()) {
        channel.write(out);
      }
      if (ready.isReadable()) {
        read();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() throws IOException {
    if (channel.read(in) < 0) {
      throw new EOFException("The server closed after message " + (sequence - 1));
    }
  }

  /** Checks the path and ends both sides. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    try {
      verifyPath();
    } finally {
      server.close();
      if (selector != null) {
        selector.close();
      }
      channel.close();
    }
  }
}
