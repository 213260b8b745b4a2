package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.config.Log;
import io.twinport.posix.Memory;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What attacks must not harm: a connection between others, new connections, and what this process
 * has. Fails for whatever is said that is not said of peers who break the rules, and ends the JVM
 * if an attack makes no progress.
 */
final class Bystanders implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** What the JVM maps for itself meanwhile, and the ranges that are kept for the next segments. */
  private static final int MORE_MAPPINGS = 400;

  /** What a fuzzer, or the JVM, opens for itself; a leak grows beyond it. */
  private static final int MORE_DESCRIPTORS = 8;

  /** An exception that nobody means to throw for what a peer does. */
  private static final Pattern FAULT =
      Pattern.compile(
          "\\b\\w*(NullPointer|OutOfBounds|ClassCast|Illegal|Arithmetic|Underflow|Overflow|Negative"
              + "|ReadOnlyBuffer|ConcurrentModification|Unsupported|NoSuchElement|DateTime"
              + "|NumberFormat)\\w*Exception\\b|\\b\\w+Error\\b");

  /** What the victim may have to say aloud. */
  private static final Pattern USUAL =
      Pattern.compile(
          "twinport: \\S+ \\w+ \\[.*?] (the backlog of \\d+ on|shm: process \\d+ connects by TCP:) .*");

  final Listening listening;
  private final Listening.Pair pair;
  private final ShmProvider other;
  private final Random random = new Random(1);
  private final AtomicReference<String> said = new AtomicReference<>();
  private final AtomicLong progress = new AtomicLong();
  private final PrintStream err = System.err;
  private final Thread watchdog;
  private volatile String doing = "nothing";
  private Holdings before;

  /** What this process has, as far as peers have a part in it. */
  private record Holdings(int descriptors, long shared, long mappings, int kib, int links) {
    static Holdings now(ShmProvider victim) throws IOException {
      long shared;
      long mappings;
      try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
        long[] counts = new long[2];
        lines.forEach(
            line -> {
              counts[0]++;
              counts[1] += line.contains("/memfd:") ? 1 : 0;
            });
        mappings = counts[0];
        shared = counts[1];
      }
      Matcher links = Pattern.compile("^(\\d+) links? .*").matcher(victim.describe());
      assertTrue(links.matches(), victim::describe);
      return new Holdings(
          open(), shared, mappings, Flow.usedKiB(victim), Integer.parseInt(links.group(1)));
    }

    /** Sockets, memory and the like; neither bells nor files, such as the jars of classes. */
    private static int open() throws IOException {
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        return (int)
            open.map(Holdings::target)
                .filter(to -> !to.startsWith("anon_inode:[event"))
                .filter(to -> !to.startsWith("/") || to.startsWith("/memfd:"))
                .count();
      }
    }

    private static String target(Path fd) {
      try {
        return Files.readSymbolicLink(fd).toString();
      } catch (IOException e) {
        // Closed meanwhile.
        return "/";
      }
    }

    boolean isWithin(Holdings most) {
      return descriptors <= most.descriptors + MORE_DESCRIPTORS
          && shared <= most.shared
          && mappings <= most.mappings + MORE_MAPPINGS
          && kib <= most.kib
          && links <= most.links;
    }
  }

  private Bystanders() throws IOException {
    listening = Listening.open(16);
    other = Listening.started("shm.max-bytes", "64m");
    Log.threshold(Log.Level.DEBUG);
    System.setErr(new PrintStream(new Watched(), true, StandardCharsets.UTF_8));
    SanConnection client = Listening.connect(other, listening.address(), null);
    pair = new Listening.Pair(client, listening.accept());
    watchdog = new Thread(this::watch, "watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    for (int i = 0; i < 3; i++) {
      echo();
      connect();
    }
    before = Holdings.now(listening.through);
  }

  static Bystanders present() throws IOException {
    return new Bystanders();
  }

  /** Passes on what is not the product's, line by line. */
  private final class Watched extends OutputStream {
    private final byte[] line = new byte[1 << 14];
    private int length;

    @Override
    public synchronized void write(int b) {
      if (length < line.length) {
        line[length++] = (byte) b;
      }
      if (b == '\n') {
        String text = new String(line, 0, length, StandardCharsets.UTF_8);
        length = 0;
        judge(text);
      }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int count) {
      for (int i = 0; i < count; i++) {
        write(bytes[offset + i]);
      }
    }
  }

  private void judge(String line) {
    boolean debug = line.matches("(?s)twinport: \\S+ debug .*");
    if (!line.startsWith("twinport: ")) {
      err.print(line);
    } else if (debug ? FAULT.matcher(line).find() : !USUAL.matcher(line.strip()).matches()) {
      err.print(line);
      said.compareAndSet(null, line.strip());
    }
  }

  // -- progress

  /** Says what is being done, so that it can be told if it never ends. */
  void doing(String what) {
    doing = what;
    progress.incrementAndGet();
  }

  /** Whoever hangs can't be asked to fail. */
  private void watch() {
    long seen = -1;
    long since = System.nanoTime();
    try {
      while (true) {
        Thread.sleep(500);
        long now = progress.get();
        if (now != seen) {
          seen = now;
          since = System.nanoTime();
        } else if (System.nanoTime() - since > 2 * PATIENCE_NANOS) {
          err.println("no progress for a minute: " + doing);
          for (Map.Entry<Thread, StackTraceElement[]> of : Thread.getAllStackTraces().entrySet()) {
            err.println(of.getKey());
            Arrays.stream(of.getValue()).forEach(at -> err.println("  at " + at));
          }
          Runtime.getRuntime().halt(99);
        }
      }
    } catch (InterruptedException e) {
      // It is over.
      Thread.currentThread().interrupt();
    }
  }

  // -- what has to be as it was

  /** The connection between others carries what is written; nothing was said that is a fault. */
  void echo() throws IOException {
    byte[] bytes = new byte[1 + random.nextInt(6000)];
    random.nextBytes(bytes);
    carry(pair.client(), pair.server(), bytes);
    carry(pair.server(), pair.client(), bytes);
    String fault = said.get();
    assertTrue(fault == null, () -> doing + ": " + fault);
  }

  private void carry(SanConnection from, SanConnection to, byte[] bytes) throws IOException {
    ByteBuffer src = ByteBuffer.wrap(bytes);
    ByteBuffer dst = ByteBuffer.allocate(bytes.length);
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (dst.hasRemaining()) {
      from.write(src);
      if (to.read(dst) == 0) {
        Thread.onSpinWait();
        assertTrue(System.nanoTime() - end < 0, () -> doing + ": others' bytes do not come");
      }
    }
    assertArrayEquals(bytes, dst.array(), () -> doing + ": others' bytes");
  }

  /** Others connect. */
  void connect() throws IOException {
    SanConnection client = Listening.connect(other, listening.address(), null);
    SanConnection server = null;
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (server == null) {
      SanConnection next = listening.listener.accept();
      if (next != null && next.remoteAddress().equals(client.localAddress())) {
        server = next;
      } else if (next != null) {
        next.abort();
      }
      assertTrue(System.nanoTime() - end < 0, () -> doing + ": a connect is not heard of");
    }
    carry(client, server, new byte[] {1, 2, 3});
    client.close();
    server.close();
  }

  /** Has those go who wait for an attacker that has gone. */
  @FunctionalInterface
  interface Leftovers {
    void turnAway() throws IOException;
  }

  /** Once the attackers are gone, nothing is left of them. */
  void nothingIsLeft(Leftovers leftovers) throws IOException, InterruptedException {
    Holdings[] now = {Holdings.now(listening.through)};
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!now[0].isWithin(before)) {
      assertTrue(
          System.nanoTime() - end < 0, () -> doing + ": " + now[0] + " where there was " + before);
      leftovers.turnAway();
      Thread.sleep(2);
      now[0] = Holdings.now(listening.through);
    }
  }

  @Override
  public void close() throws IOException {
    watchdog.interrupt();
    pair.close();
    listening.close();
    Log.threshold(Log.Level.WARN);
    System.setErr(err);
    Memory.fullFence();
    assertEquals(null, said.get(), "said");
  }
}
