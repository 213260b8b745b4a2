package io.twinport.contract.socket;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Descriptors;
import io.twinport.contract.support.FullListener;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.PlatformSockets;
import io.twinport.contract.support.Refusals;
import io.twinport.contract.support.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Every blocking call of sockets and channels, ended in random ways by other threads: none hangs,
 * none ends in another way than the JDK's calls do over TCP, and no descriptor is left behind.
 *
 * <p>{@code contract.seed} plays the rounds of a failure again.
 */
public abstract class EndingsContract extends SocketContract {
  private static final int WARM_UP = Math.min(100, ROUNDS);

  /** What may still be on its way back when the last round is over. */
  private static final int SPARE_DESCRIPTORS = 8;

  /** What others do must not block for long themselves. */
  private static final int A_MOMENT_MILLIS = 5;

  private static final byte[] MORE_THAN_FITS = new byte[8 << 20];

  /**
   * On JDK 17, a close over TCP that comes just as an untimed connect of a Socket begins is now and
   * then lost on it: it shuts down the output of a socket that is not connected yet, which later
   * releases don't.
   */
  private static final boolean UNTIMED_CONNECTS_END = Runtime.version().feature() > 17;

  private static final String SOCKET = "java.net.SocketException: ";
  private static final String CONNECT = "java.net.ConnectException: ";
  private static final String IO = "java.io.IOException: ";
  private static final String CHANNELS = "java.nio.channels.";

  private static final Set<String> SOCKET_READ =
      Set.of(
          SOCKET + "Socket closed",
          SOCKET + "Connection reset",
          SOCKET + "Closed by interrupt",
          "java.net.SocketTimeoutException: Read timed out");

  private static final Set<String> SOCKET_WRITE =
      Set.of(
          SOCKET + "Socket closed",
          SOCKET + "Connection reset",
          SOCKET + "Connection reset by peer",
          SOCKET + "Broken pipe",
          SOCKET + "Closed by interrupt");

  private static final Set<String> SOCKET_CONNECT =
      and(
          Set.of(
              SOCKET + "Socket closed",
              SOCKET + "Socket is closed",
              SOCKET + "Closed by interrupt",
              SOCKET + "Connection reset by peer",
              SOCKET + "Connection reset by peer (connect failed)", // Some JDKs' words.
              "java.net.SocketTimeoutException: Connect timed out",
              // What the JDK says when the time was up before it began.
              "java.net.SocketTimeoutException: null"),
          CONNECT + Refusals.CONNECTING.words(),
          CONNECT + Refusals.POLLING.words());

  private static final Set<String> SOCKET_ACCEPT =
      Set.of(
          SOCKET + "Socket closed",
          SOCKET + "Socket is closed",
          SOCKET + "Closed by interrupt",
          "java.net.SocketTimeoutException: Accept timed out");

  private static final Set<String> CHANNEL_CLOSED =
      Set.of(
          CHANNELS + "ClosedChannelException: null",
          CHANNELS + "AsynchronousCloseException: null",
          CHANNELS + "ClosedByInterruptException: null");

  private static final Set<String> CHANNEL_READ = and(CHANNEL_CLOSED, SOCKET + "Connection reset");

  private static final Set<String> CHANNEL_WRITE =
      and(
          CHANNEL_CLOSED,
          IO + "Broken pipe",
          IO + "Connection reset by peer",
          SOCKET + "Connection reset");

  private static final Set<String> CHANNEL_CONNECT =
      and(
          CHANNEL_CLOSED,
          CONNECT + Refusals.CONNECTING.words(),
          CONNECT + Refusals.POLLING.words(),
          SOCKET + "Connection reset by peer",
          SOCKET + "Connection reset by peer (connect failed)");

  private static Set<String> and(Set<String> some, String... more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(List.of(more));
    return Set.copyOf(all);
  }

  protected EndingsContract(Transport transport) {
    super(transport);
  }

  /**
   * A call that may block.
   *
   * @param own closes what the call is made on, and surely ends it
   * @param endings what other threads do meanwhile, besides
   * @param interrupted whether they interrupt it, too
   * @param failures how the call may fail
   */
  private record Victim(
      String name,
      Callable<?> call,
      Closeable own,
      List<Outcome.Action> endings,
      boolean interrupted,
      Set<String> failures) {
    Victim(
        String name,
        Callable<?> call,
        Closeable own,
        List<Outcome.Action> endings,
        Set<String> failures) {
      this(name, call, own, endings, true, failures);
    }
  }

  /** What a round has opened, closed at its end. */
  private final Deque<Closeable> opened = new ArrayDeque<>();

  private <C extends Closeable> C opened(C closeable) {
    opened.push(closeable);
    return closeable;
  }

  @Test
  @Timeout(value = 600, threadMode = ThreadMode.SEPARATE_THREAD)
  void everyBlockingCallEnds(TestReporter reporter) throws Exception {
    long seed = Long.getLong("contract.seed", System.nanoTime());
    reporter.publishEntry("seed", transport.name() + " " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    FullListener full = fullListener();
    int before = 0;
    for (int round = 0; round < ROUNDS; round++) {
      if (round == WARM_UP) {
        before = Descriptors.count();
      }
      String what = "round " + round + " of seed " + seed + " over " + transport.name();
      try {
        play(victim(random, full), random, what);
      } finally {
        while (!opened.isEmpty()) {
          opened.pop().close();
        }
      }
    }
    int limit = before + SPARE_DESCRIPTORS;
    if (ROUNDS > WARM_UP) {
      awaitTrue("no descriptor is left behind", () -> Descriptors.count() <= limit);
    }
  }

  private void play(Victim victim, SplittableRandom random, String what) throws Exception {
    boolean virtual = random.nextInt(3) == 0;
    Background<?> call =
        virtual ? Background.startVirtual(victim.call()) : Background.start(victim.call());
    List<Background<?>> others = new ArrayList<>();
    for (int other = 1 + random.nextInt(2); other > 0; other--) {
      int spins = random.nextInt(3) == 0 ? 0 : random.nextInt(20_000);
      Outcome.Action ending = ending(victim, call, random);
      others.add(
          spawn(
              () -> {
                for (int i = spins; i > 0; i--) {
                  Thread.onSpinWait();
                }
                return Outcome.ofAction(ending); // It may come too late, and fail.
              }));
    }
    for (Background<?> other : others) {
      other.join();
    }
    victim.own().close();
    Throwable failure;
    try {
      failure = call.joinAny();
    } catch (AssertionError hang) {
      throw new AssertionError(victim.name() + " hangs in " + what, hang);
    }
    if (failure == null) {
      if (call.join() instanceof Closeable result) {
        result.close();
      }
      return;
    }
    String told = failure.getClass().getName() + ": " + failure.getMessage();
    if (!victim.failures().contains(told)) {
      fail(victim.name() + " ended by " + told + " in " + what, failure);
    }
  }

  private static Outcome.Action ending(Victim victim, Background<?> call, SplittableRandom random) {
    int choice = random.nextInt(victim.endings().size() + (victim.interrupted() ? 2 : 1));
    if (choice < victim.endings().size()) {
      return victim.endings().get(choice);
    }
    return choice == victim.endings().size() ? victim.own()::close : call::interrupt;
  }

  private Victim victim(SplittableRandom random, FullListener full) throws IOException {
    int timeout = random.nextBoolean() ? 0 : 1 + random.nextInt(5);
    return switch (random.nextInt(8)) {
      case 0 -> socketRead(timeout, random);
      case 1 -> socketWrite(random);
      case 2 ->
          socketConnect(
              timeout == 0 && !UNTIMED_CONNECTS_END ? A_MOMENT_MILLIS : timeout, random, full);
      case 3 -> socketAccept(timeout);
      case 4 -> channelRead(random);
      case 5 -> channelWrite(random);
      case 6 -> channelConnect(random, full);
      default -> channelAccept(random);
    };
  }

  private Ends openEnds(SplittableRandom random) throws IOException {
    try (ServerSocket server = transport.newServerSocket()) {
      server.bind(transport.bindAddress());
      Socket connecting = opened(transport.newSocket());
      connecting.connect(server.getLocalSocketAddress());
      Socket accepted = opened(server.accept());
      return random.nextBoolean() ? new Ends(accepted, connecting) : new Ends(connecting, accepted);
    }
  }

  private Pair openPair(SplittableRandom random) throws IOException {
    try (ServerSocketChannel listener = provider().openServerSocketChannel()) {
      listener.bind(transport.bindAddress());
      SocketChannel connecting = opened(provider().openSocketChannel());
      connecting.connect(listener.getLocalAddress());
      SocketChannel accepted = opened(listener.accept());
      return random.nextBoolean() ? new Pair(accepted, connecting) : new Pair(connecting, accepted);
    }
  }

  private static void abort(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private static List<Outcome.Action> endings(Ends ends) throws IOException {
    ends.far().setSoTimeout(A_MOMENT_MILLIS);
    return List.of(
        () -> send(ends.far(), "some"),
        ends.far()::close,
        () -> abort(ends.far()),
        ends.far()::shutdownOutput,
        ends.near()::shutdownInput,
        ends.near()::shutdownOutput,
        () -> ends.far().getInputStream().read(new byte[1 << 20]));
  }

  private static List<Outcome.Action> endings(Pair pair) {
    return List.of(
        () -> writeFully(pair.far(), "some"),
        pair.far()::close,
        () -> abort(pair.far().socket()),
        pair.far()::shutdownOutput,
        pair.near()::shutdownInput,
        pair.near()::shutdownOutput);
  }

  private Victim socketRead(int timeout, SplittableRandom random) throws IOException {
    Ends ends = openEnds(random);
    ends.near().setSoTimeout(timeout);
    InputStream in = ends.near().getInputStream();
    byte[] target = new byte[10];
    return new Victim(
        "Socket read", () -> in.read(target), ends.near(), endings(ends), SOCKET_READ);
  }

  private Victim socketWrite(SplittableRandom random) throws IOException {
    Ends ends = openEnds(random);
    OutputStream out = ends.near().getOutputStream();
    return new Victim(
        "Socket write",
        () -> {
          out.write(MORE_THAN_FITS);
          return "all";
        },
        ends.near(),
        endings(ends),
        SOCKET_WRITE);
  }

  private Victim socketConnect(int timeout, SplittableRandom random, FullListener full)
      throws IOException {
    ServerSocket server = opened(transport.newServerSocket());
    server.setSoTimeout(A_MOMENT_MILLIS);
    server.bind(transport.bindAddress());
    SocketAddress remote = random.nextBoolean() ? server.getLocalSocketAddress() : full.address();
    Socket socket = opened(transport.newSocket());
    return new Victim(
        "Socket connect",
        () -> {
          socket.connect(remote, timeout);
          return "connected";
        },
        socket,
        List.of(server::close, () -> server.accept().close()),
        SOCKET_CONNECT);
  }

  private Victim socketAccept(int timeout) throws IOException {
    ServerSocket server = opened(transport.newServerSocket());
    server.setSoTimeout(timeout);
    server.bind(transport.bindAddress());
    SocketAddress address = server.getLocalSocketAddress();
    Socket client = opened(transport.newSocket());
    Socket plain = opened(PlatformSockets.JDK.newSocket());
    return new Victim(
        "ServerSocket accept",
        server::accept,
        server,
        List.of(() -> client.connect(address), () -> plain.connect(address)),
        SOCKET_ACCEPT);
  }

  private Victim channelRead(SplittableRandom random) throws IOException {
    Pair pair = openPair(random);
    ByteBuffer target = ByteBuffer.allocate(10);
    return new Victim(
        "channel read", () -> pair.near().read(target), pair.near(), endings(pair), CHANNEL_READ);
  }

  private Victim channelWrite(SplittableRandom random) throws IOException {
    Pair pair = openPair(random);
    return new Victim(
        "channel write",
        () -> {
          writeFully(pair.near(), ByteBuffer.wrap(MORE_THAN_FITS));
          return "all";
        },
        pair.near(),
        endings(pair),
        CHANNEL_WRITE);
  }

  private Victim channelConnect(SplittableRandom random, FullListener full) throws IOException {
    ServerSocketChannel listener = opened(provider().openServerSocketChannel());
    listener.bind(transport.bindAddress());
    listener.configureBlocking(false);
    SocketAddress remote = random.nextBoolean() ? listener.getLocalAddress() : full.address();
    SocketChannel channel = opened(provider().openSocketChannel());
    return new Victim(
        "channel connect",
        () -> channel.connect(remote),
        channel,
        List.of(listener::close, () -> listener.accept().close()),
        CHANNEL_CONNECT);
  }

  /**
   * Either interrupted or connected to: where both come at once, the JDK throws and forgets the
   * descriptor that it has just accepted.
   */
  private Victim channelAccept(SplittableRandom random) throws IOException {
    ServerSocketChannel listener = opened(provider().openServerSocketChannel());
    listener.bind(transport.bindAddress());
    SocketAddress address = listener.getLocalAddress();
    SocketChannel client = opened(provider().openSocketChannel());
    SocketChannel plain = opened(JdkTransport.PROVIDER.openSocketChannel());
    boolean interrupted = random.nextBoolean();
    return new Victim(
        "channel accept",
        listener::accept,
        listener,
        interrupted
            ? List.of()
            : List.of(() -> client.connect(address), () -> plain.connect(address)),
        interrupted,
        CHANNEL_CLOSED);
  }
}
