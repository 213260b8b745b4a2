package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.host.Given;
import io.twinport.posix.Posix;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Another JVM, that does what its role says until its standard input ends or it is killed. */
final class PeerProcess implements AutoCloseable {
  /** What the other process does with each connection. */
  enum Role {
    /** Listens, and sends back what it reads. */
    ECHO,
    /** Listens, and writes the numbered bytes without end. */
    SOURCE,
    /** Listens, accepts and holds; says how many it has got when asked. */
    HOLD,
    /** Listens, and reads to the end; says how many bytes that were when asked. */
    SINK,
    /** Connects, and writes the numbered bytes without end. */
    CLIENT_SOURCE,
    /** Connects, writes a mebibyte, says so and waits. */
    CLIENT_MEBIBYTE,
    /** Connects when told to, waiting by sleeping only, and says when it is connected. */
    CLIENT_CONNECT
  }

  /** Of those that listen. */
  static final int BACKLOG = 50;

  /** What is sent when told to. */
  static final int SENT_BYTES = 1_000;

  private final Process process;
  private final BufferedReader said;
  private final PrintStream orders;

  private PeerProcess(Process process) {
    this.process = process;
    said =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
  }

  /**
   * Starts one that listens at, or connects to, the port on loopback, and waits until it says so.
   */
  static PeerProcess start(Role role, int port) throws IOException {
    return start(role, port, List.of());
  }

  /** As {@link #start(Role, int)}, in an environment that {@code wrapper} makes. */
  static PeerProcess start(Role role, int port, List<String> wrapper) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(System.getProperty("java.home") + "/bin/java");
    command.add("-Xmx64m");
    command.add("-XX:+UseSerialGC");
    command.add("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Djffi.unsafe.disabled=true");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(PeerProcess.class.getName());
    command.add(role.name());
    command.add(Integer.toString(port));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    PeerProcess started = new PeerProcess(builder.start());
    started.expect("ready");
    return started;
  }

  void expect(String word) throws IOException {
    assertEquals(word, said.readLine());
  }

  String ask(String question) throws IOException {
    orders.println(question);
    return said.readLine();
  }

  /** Ends it as {@code kill -9} does; returns the time, by {@link System#nanoTime}. */
  long kill() throws InterruptedException {
    process.destroyForcibly();
    assertTrue(process.waitFor(10, TimeUnit.SECONDS));
    return System.nanoTime();
  }

  /** Stops all its threads, as a debugger does. */
  void halt() throws IOException, InterruptedException {
    signal("STOP");
    Flow.eventually(5_000, this::isHalted, "a process can't be stopped");
  }

  private boolean isHalted() {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      return threads.allMatch(PeerProcess::isStopped);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isStopped(Path thread) {
    try {
      String status = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
      return status.substring(status.lastIndexOf(')')).startsWith(") T");
    } catch (IOException e) {
      // It has ended meanwhile.
      return true;
    }
  }

  /** The processor time it has used, in hundredths of a second. */
  long cpuTicks() throws IOException {
    String status =
        Files.readString(Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.ISO_8859_1);
    String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /** The descriptors that it has open. */
  int descriptors() {
    String[] open = new File("/proc/" + process.pid() + "/fd").list();
    return open == null ? 0 : open.length;
  }

  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertEquals(0, kill.waitFor());
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The byte at a position of a numbered stream. */
  static byte numbered(long position) {
    return (byte) (position ^ position >>> 7 ^ position >>> 15 ^ position >>> 23);
  }

  // -- In the other process

  /**
   * @param arguments the role and the port
   */
  public static void main(String[] arguments) throws Exception {
    Role role = Role.valueOf(arguments[0]);
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[1]));
    // Later there may be no descriptor left to load the classes of an assertion with.
    assertNotEquals(0, address.getPort());
    Posix.load(null);
    ShmProvider provider = new ShmProvider();
    provider.configure(Given.nothing());
    AtomicInteger accepted = new AtomicInteger();
    AtomicInteger read = new AtomicInteger();
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    switch (role) {
      case ECHO, SOURCE, HOLD, SINK -> {
        SanListener listener = provider.listen(address, BACKLOG, destination -> null);
        inBackground(() -> serve(provider, listener, role, accepted, read));
        System.out.println("ready");
      }
      case CLIENT_CONNECT -> System.out.println("ready");
      default -> {
        System.out.println("ready");
        inBackground(() -> talk(provider, address, role));
      }
    }
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      switch (order) {
        case "connect" -> {
          // The very first thing this provider does: it starts while we sleep already.
          connect(provider, address).close();
          System.out.println("connected");
        }
        case "send" -> {
          // It has no time to wait for anything.
          SanConnection connection = connect(provider, address);
          connection.write(ByteBuffer.allocate(SENT_BYTES));
          System.out.println("sent");
        }
        case "bytes" -> System.out.println(read.get());
        case "grab" -> {
          grabbing = true;
          CountDownLatch none = new CountDownLatch(1);
          inBackground(() -> grab(none));
          none.await();
          System.out.println("grabbing");
        }
        case "describe" -> System.out.println(provider.describe());
        case "release" -> {
          grabbing = false;
          System.out.println("released");
        }
        default -> System.out.println(accepted.get());
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static volatile boolean grabbing;

  /**
   * Takes every descriptor as soon as there is one, as a server does that accepts at its limit;
   * gives all back in the end. Tells when there is none for the first time.
   */
  private static void grab(CountDownLatch none) {
    List<Integer> grabbed = new ArrayList<>();
    while (grabbing) {
      try {
        grabbed.add(Posix.eventfd());
      } catch (IOException e) {
        none.countDown();
        Thread.onSpinWait(); // There is none at the moment.
      }
    }
    grabbed.forEach(Posix::close);
  }

  /** What a thread does in the other process. */
  @FunctionalInterface
  private interface Task {
    void run() throws Exception;
  }

  private static void inBackground(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (Exception | AssertionError e) {
                System.err.println("in the other process: " + e);
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static SanConnection connect(ShmProvider provider, InetSocketAddress address)
      throws IOException {
    SanConnection connection = provider.connect(address, null);
    try (BellSeat seat = BellSeat.of(provider)) {
      seat.await(connection, NetworkEvent.CONNECT, Listening.MILLIS);
    }
    if (!connection.finishConnect()) {
      throw new IOException("no outcome");
    }
    return connection;
  }

  private static void serve(
      ShmProvider provider,
      SanListener listener,
      Role role,
      AtomicInteger accepted,
      AtomicInteger read)
      throws IOException {
    BellSeat seat = BellSeat.of(provider);
    while (true) {
      seat.await(listener, NetworkEvent.ACCEPT, 1000);
      listener.event().enumerate();
      SanConnection connection = listener.accept();
      if (connection != null) {
        accepted.incrementAndGet();
        if (role == Role.ECHO) {
          inBackground(() -> echo(provider, connection));
        } else if (role == Role.SINK) {
          inBackground(() -> sink(provider, connection, read));
        } else if (role == Role.SOURCE) {
          inBackground(() -> source(provider, connection, Long.MAX_VALUE));
        }
      }
    }
  }

  private static void echo(ShmProvider provider, SanConnection connection) throws IOException {
    try (BellSeat seat = BellSeat.of(provider)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(50_000);
      while (Flow.read(connection, buffer.clear(), seat) >= 0) {
        Flow.write(connection, buffer.flip(), seat);
      }
      connection.close();
    }
  }

  private static void sink(ShmProvider provider, SanConnection connection, AtomicInteger read)
      throws IOException {
    try (BellSeat seat = BellSeat.of(provider)) {
      ByteBuffer buffer = ByteBuffer.allocate(50_000);
      for (int n = 0; n >= 0; n = Flow.read(connection, buffer.clear(), seat)) {
        read.addAndGet(n);
      }
      connection.close();
    }
  }

  private static void source(ShmProvider provider, SanConnection connection, long bytes)
      throws IOException {
    try (BellSeat seat = BellSeat.of(provider)) {
      ByteBuffer buffer = ByteBuffer.allocate(30_000);
      for (long position = 0; position < bytes; ) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - position));
        while (buffer.hasRemaining()) {
          buffer.put(numbered(position++));
        }
        Flow.write(connection, buffer.flip(), seat);
      }
    }
  }

  private static void talk(ShmProvider provider, InetSocketAddress address, Role role)
      throws IOException {
    SanConnection connection = connect(provider, address);
    source(provider, connection, role == Role.CLIENT_MEBIBYTE ? 1 << 20 : Long.MAX_VALUE);
    System.out.println("written");
  }
}
