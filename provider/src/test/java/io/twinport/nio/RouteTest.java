package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.aio.TwinAsynchronousChannelProvider;
import io.twinport.contract.support.FullListener;
import io.twinport.inproc.InProcessProvider;
import io.twinport.net.SocketImpls;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import io.twinport.support.BrokenProvider;
import io.twinport.support.ScriptedProvider;
import io.twinport.support.SwitchFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sun.nio.ch.DefaultSelectorProvider;

/** Several providers: which of them carries a connection, and in what order they are asked. */
@Timeout(20)
final class RouteTest extends SwitchFixture {
  private static final Map<String, String> BOTH = Map.of("providers", "first,second");

  /** Who the first provider has nothing to do with. */
  private static final String ELSEWHERE = "127.0.0.2";

  private final ScriptedProvider first =
      new ScriptedProvider("first", to -> !to.getHostAddress().equals(ELSEWHERE));
  private final InProcessProvider second = InProcessProvider.withDriver("second");

  private ServerSocketChannel twinOfSecond() throws IOException {
    return twinOfSecond(0, "127.0.0.1");
  }

  /** A listener that only the second provider knows, while its clients ask the first before. */
  private ServerSocketChannel twinOfSecond(int backlog, String host) throws IOException {
    provider = provider(BOTH, second);
    ServerSocketChannel listener = closing(provider.openServerSocketChannel());
    listener.bind(new InetSocketAddress(host, 0), backlog);
    provider = provider(BOTH, first, second);
    return listener;
  }

  private ServerSocketChannel plain() throws IOException {
    ServerSocketChannel plain = closing(DefaultSelectorProvider.get().openServerSocketChannel());
    plain.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    provider = provider(BOTH, first, second);
    return plain;
  }

  /** A socket as {@code java.net} makes them where the agent is. */
  private Socket socket() throws IOException {
    return closing(new Socket(SocketImpls.make(provider.owner(), false)) {});
  }

  private static <T> FutureTask<T> aside(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread thread = new Thread(task, "aside");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private ScriptedProvider.Attempt attempt() throws InterruptedException {
    ScriptedProvider.Attempt attempt = first.attempts.poll(10, TimeUnit.SECONDS);
    assertNotNull(attempt, "the first provider was not asked");
    return attempt;
  }

  private Registry.Connection connected() {
    List<Registry.Connection> clients =
        provider.owner().registry().connections().stream()
            .filter(each -> !each.accepted())
            .toList();
    assertEquals(1, clients.size(), clients::toString);
    return clients.get(0);
  }

  private void assertRegistered(String carrier, Reason reason) {
    assertEquals(carrier, connected().provider());
    assertEquals(reason, connected().reason());
  }

  // -- Who is asked

  @Test
  void whoDoesNotReachTheDestinationIsNotAsked() throws IOException {
    ServerSocketChannel listener = twinOfSecond(0, ELSEWHERE);
    connect(listener);
    assertRegistered("second", null);
    assertEquals(0, first.attempts.size());
  }

  @Test
  void aBlockingConnectGoesOnToTheSecondWhenTheFirstHasNoTwin() throws Exception {
    ServerSocketChannel listener = twinOfSecond();
    FutureTask<SocketChannel> connect = aside(() -> connect(listener));
    attempt().unavailable(Reason.NO_TWIN);
    assertFalse(isOnTcp(connect.get()));
    assertRegistered("second", null);
    assertNotNull(closing(listener.accept()));
  }

  @Test
  void aSelectorHearsOnceWhenTheSecondHasConnected() throws Exception {
    ServerSocketChannel listener = twinOfSecond();
    Selector selector = selector();
    SocketChannel channel = closing(provider.openSocketChannel());
    SelectionKey key = register(channel, selector, SelectionKey.OP_CONNECT);
    assertFalse(channel.connect(listener.getLocalAddress()));
    ScriptedProvider.Attempt attempt = attempt();
    assertEquals(0, selector.select(50));
    FutureTask<Integer> select = aside(() -> selector.select());
    attempt.unavailable(Reason.TIMEOUT);
    assertEquals(1, select.get());
    assertTrue(key.isConnectable());
    assertTrue(channel.finishConnect());
    assertRegistered("second", null);
  }

  @Test
  void aSelectorHearsOnceWhenTcpHasConnected() throws Exception {
    ServerSocketChannel listener = plain();
    Selector selector = selector();
    SocketChannel channel = closing(provider.openSocketChannel());
    SelectionKey key = register(channel, selector, SelectionKey.OP_CONNECT);
    assertFalse(channel.connect(listener.getLocalAddress()));
    ScriptedProvider.Attempt attempt = attempt();
    FutureTask<Integer> select = aside(() -> selector.select());
    attempt.unavailable(Reason.TIMEOUT);
    assertEquals(1, select.get());
    assertTrue(key.isConnectable());
    assertTrue(channel.finishConnect());
    assertTrue(isOnTcp(channel));
    // The last who was asked has the last word: the second has no twin.
    assertRegistered(null, Reason.NO_TWIN);
  }

  @Test
  void aSelectorMayGoOnToTcpBeforeConnectReturns() throws Exception {
    ServerSocketChannel listener = plain();
    ScriptedProvider nobody = new ScriptedProvider("second", to -> true);
    nobody.answerAtOnce(Reason.NO_TWIN);
    provider = provider(BOTH, nobody);
    Selector selector = selector();
    AtomicBoolean enough = new AtomicBoolean();
    FutureTask<Void> selecting =
        aside(
            () -> {
              while (!enough.get()) {
                selector.select();
                selector.selectedKeys().clear();
              }
              return null;
            });
    for (int i = 0; i < 2000; i++) {
      try (SocketChannel channel = provider.openSocketChannel()) {
        SelectionKey key = register(channel, selector, SelectionKey.OP_CONNECT);
        channel.connect(listener.getLocalAddress());
        while (!channel.finishConnect()) {
          Thread.onSpinWait();
        }
        assertTrue(isOnTcp(channel));
        key.cancel();
      }
      closing(listener.accept()).close();
    }
    enough.set(true);
    selector.wakeup();
    selecting.get();
  }

  @Test
  void aFailureThatASelectorHasSeenIsToldInBlockingModeToo() throws Exception {
    assertEquals(SocketException.class, failureSeenBySelectorFirst("").getClass());
    IOException failure = failureSeenBySelectorFirst("use san connect * *");
    assertEquals("A rule requires the SAN: " + Reason.NO_TWIN.text(), failure.getMessage());
  }

  private IOException failureSeenBySelectorFirst(String rules) throws Exception {
    provider = provider(Map.of("providers", "first", "rules", rules), first);
    Selector selector = selector();
    SocketChannel channel = closing(provider.openSocketChannel());
    SelectionKey key = register(channel, selector, SelectionKey.OP_CONNECT);
    assertFalse(channel.connect(new InetSocketAddress("255.255.255.255", 9)));
    attempt().unavailable(Reason.NO_TWIN);
    assertEquals(1, selector.select());
    key.cancel();
    selector.selectNow();
    channel.configureBlocking(true);
    IOException failure = assertThrows(IOException.class, channel::finishConnect);
    assertFalse(channel.isOpen());
    return failure;
  }

  @Test
  void anAsynchronousConnectGoesOnToTheSecond() throws Exception {
    ServerSocketChannel listener = twinOfSecond();
    TwinAsynchronousChannelProvider asynchronous =
        TwinAsynchronousChannelProvider.of(provider.owner());
    AsynchronousSocketChannel channel = closing(asynchronous.openAsynchronousSocketChannel(null));
    var connect = channel.connect(listener.getLocalAddress());
    attempt().unavailable(Reason.NO_TWIN);
    connect.get(10, TimeUnit.SECONDS);
    assertRegistered("second", null);
  }

  @Test
  void tcpIsTheLastResort() throws Exception {
    ServerSocketChannel listener = plain();
    FutureTask<SocketChannel> connect = aside(() -> connect(listener));
    attempt().unavailable(Reason.TIMEOUT);
    assertTrue(isOnTcp(connect.get()));
    assertRegistered(null, Reason.NO_TWIN);
    assertEquals(1, provider.owner().registry().counters().get("tcp.no-twin"));
  }

  @Test
  void theReasonIsOfWhoWasAsked() throws Exception {
    ServerSocketChannel listener = plain();
    InProcessProvider nowhere = new InProcessProvider("second");
    provider = provider(BOTH, first, nowhere);
    FutureTask<SocketChannel> connect = aside(() -> connect(listener));
    attempt().unavailable(Reason.WIRE_VERSION);
    connect.get();
    assertRegistered(null, Reason.NO_TWIN);

    provider = provider(Map.of("providers", "first"), first);
    FutureTask<SocketChannel> again = aside(() -> connect(listener));
    attempt().unavailable(Reason.WIRE_VERSION);
    again.get();
    assertRegistered(null, Reason.WIRE_VERSION);
  }

  @Test
  void refusedIsFinalWhoeverComesNext() throws Exception {
    ServerSocketChannel listener = twinOfSecond();
    FutureTask<SocketChannel> connect = aside(() -> connect(listener));
    attempt().refuse();
    ExecutionException failed = assertThrows(ExecutionException.class, connect::get);
    assertEquals(ConnectException.class, failed.getCause().getClass());
    assertEquals("Connection refused", failed.getCause().getMessage());
    listener.configureBlocking(false);
    assertNull(listener.accept(), "the second provider or TCP was tried");
  }

  @Test
  void refusedIsFinalInAForeignSelectorToo() throws Exception {
    ServerSocketChannel listener = twinOfSecond();
    SocketChannel client = closing(provider.openSocketChannel());
    client.configureBlocking(false);
    client.connect(listener.getLocalAddress());
    attempt().refuse();
    Selector foreign = closing(DefaultSelectorProvider.get().openSelector());
    client.register(foreign, SelectionKey.OP_CONNECT);
    assertEquals(1, foreign.select());
    assertThrows(ConnectException.class, client::finishConnect);
    listener.configureBlocking(false);
    assertNull(listener.accept(), "TCP was tried");
  }

  @Test
  void refusedByTheSecondIsFinalToo() throws Exception {
    ServerSocketChannel listener = twinOfSecond(1, "127.0.0.1");
    FutureTask<SocketChannel> one = aside(() -> connect(listener));
    attempt().unavailable(Reason.NO_TWIN);
    assertFalse(isOnTcp(one.get()));
    FutureTask<SocketChannel> other = aside(() -> connect(listener));
    attempt().unavailable(Reason.NO_TWIN);
    ExecutionException failed = assertThrows(ExecutionException.class, other::get);
    assertEquals("Connection refused", failed.getCause().getMessage());
  }

  // -- Rules

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatThePeerMayHaveTakenDoesNotGoToTcp(boolean blocking) throws Exception {
    ServerSocketChannel listener = plain();
    SocketChannel client = closing(provider.openSocketChannel());
    client.configureBlocking(blocking);
    FutureTask<Boolean> connect = aside(() -> client.connect(listener.getLocalAddress()));
    ScriptedProvider.Attempt attempt = attempt();
    if (!blocking) {
      assertFalse(connect.get());
    }
    attempt.breakUndecided();
    String told =
        blocking
            ? assertThrows(ExecutionException.class, connect::get).getCause().getMessage()
            : assertThrows(ConnectException.class, client::finishConnect).getMessage();
    assertEquals("Connection timed out", told);
    assertTrue(attempt.isWithdrawn());
    listener.configureBlocking(false);
    assertNull(listener.accept());
  }

  @Test
  void rulesDecideForEachDestination() throws Exception {
    ServerSocketChannel here = twinOfSecond();
    ServerSocketChannel elsewhere = twinOfSecond(0, ELSEWHERE);
    String rules = "use tcp connect 127.0.0.1/32 *; use san connect 127.0.0.2/31 *";
    provider = provider(Map.of("providers", "first,second", "rules", rules), first, second);
    connect(here);
    assertRegistered(null, Reason.RULE);
    SocketChannel overSan = connect(elsewhere);
    assertFalse(isOnTcp(overSan));
    assertEquals(0, first.attempts.size());

    // What requires the SAN fails once all were asked, and not before.
    InetSocketAddress nobody = new InetSocketAddress("127.0.0.3", 1);
    FutureTask<Void> connect =
        aside(
            () -> {
              closing(provider.openSocketChannel()).connect(nobody);
              return null;
            });
    attempt().unavailable(Reason.TIMEOUT);
    ExecutionException failed = assertThrows(ExecutionException.class, connect::get);
    assertEquals(
        "A rule requires the SAN: " + Reason.NO_TWIN.text(), failed.getCause().getMessage());
  }

  // -- The budget

  /** Else the server would have a connection of which its client knows nothing. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoAnswersWhenTheTimeIsOverIsConnected(boolean throughSocket) throws Exception {
    ServerSocketChannel listener = twinOfSecond();
    Socket socket = throughSocket ? socket() : closing(provider.openSocketChannel()).socket();
    FutureTask<Void> connect =
        aside(
            () -> {
              socket.connect(listener.getLocalAddress(), 1000);
              return null;
            });
    ScriptedProvider.Attempt attempt = attempt();
    attempt.takeWhenGivenUp();
    connect.get();
    assertTrue(socket.isConnected());
    assertFalse(attempt.isClosed());
    socket.close();
    assertTrue(attempt.isClosed());
  }

  @Test
  void whoDoesNotAnswerIsWithdrawnWhenTheTimeIsOver() throws Exception {
    ServerSocketChannel listener = twinOfSecond();
    SocketChannel channel = closing(provider.openSocketChannel());
    long start = System.nanoTime();
    assertThrows(
        SocketTimeoutException.class,
        () -> channel.socket().connect(listener.getLocalAddress(), 200));
    assertMillis(200, 2000, start);
    assertTrue(attempt().isWithdrawn());
    listener.configureBlocking(false);
    assertNull(listener.accept());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStartThatStallsLeavesTcpHalfOfTheTime(boolean throughSocket) throws Exception {
    ServerSocketChannel listener = plain();
    first.stallStart();
    provider = provider(Map.of("providers", "first"), first);
    Socket socket = throughSocket ? socket() : closing(provider.openSocketChannel()).socket();
    long start = System.nanoTime();
    socket.connect(listener.getLocalAddress(), 4000);
    assertMillis(2000, 4000, start);
    assertTrue(attempt().isWithdrawn());
    assertRegistered(null, Reason.TIMEOUT);
  }

  @Test
  void aStartThatStallsHasAllTheTimeWhereTcpMayNotBe() throws Exception {
    ServerSocketChannel listener = plain();
    first.stallStart();
    provider = provider(Map.of("providers", "first", "rules", "use san connect * *"), first);
    SocketChannel channel = closing(provider.openSocketChannel());
    long start = System.nanoTime();
    assertThrows(
        SocketTimeoutException.class,
        () -> channel.socket().connect(listener.getLocalAddress(), 400));
    assertMillis(400, 4000, start);
  }

  @Test
  void theNextProviderHasWhatIsLeftOfTheTime() throws Exception {
    ServerSocketChannel listener = plain();
    ScriptedProvider silent = new ScriptedProvider("second", to -> true);
    provider = provider(BOTH, first, silent);
    SocketChannel channel = closing(provider.openSocketChannel());
    long start = System.nanoTime();
    FutureTask<Void> connect =
        aside(
            () -> {
              channel.socket().connect(listener.getLocalAddress(), 2000);
              return null;
            });
    ScriptedProvider.Attempt attempt = attempt();
    Thread.sleep(1200);
    attempt.unavailable(Reason.TIMEOUT);
    ExecutionException failed = assertThrows(ExecutionException.class, connect::get);
    assertEquals(SocketTimeoutException.class, failed.getCause().getClass());
    assertMillis(2000, 3150, start); // With a time of its own it would be 3200.
    assertTrue(silent.attempts.remove().isWithdrawn());
  }

  @Test
  void tcpHasWhatIsLeftOfTheTime() throws Exception {
    try (FullListener full = new FullListener()) {
      provider = provider(BOTH, first, second);
      for (boolean throughSocket : List.of(false, true)) {
        long start = System.nanoTime();
        FutureTask<Void> connect =
            aside(
                () -> {
                  if (throughSocket) {
                    socket().connect(full.address(), 2000);
                  } else {
                    closing(provider.openSocketChannel()).socket().connect(full.address(), 2000);
                  }
                  return null;
                });
        ScriptedProvider.Attempt attempt = attempt();
        Thread.sleep(1200);
        attempt.unavailable(Reason.TIMEOUT);
        ExecutionException failed = assertThrows(ExecutionException.class, connect::get);
        assertEquals(SocketTimeoutException.class, failed.getCause().getClass());
        assertMillis(2000, 3150, start);
      }
    }
  }

  private static void assertMillis(long least, long most, long start) {
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    assertTrue(millis >= least - 1 && millis <= most, millis + " ms");
  }

  @Test
  void closeWithdrawsWhoeverWasAskedLast() throws Exception {
    ServerSocketChannel listener = plain();
    ScriptedProvider silent = new ScriptedProvider("second", to -> true);
    provider = provider(BOTH, first, silent);
    for (boolean blocking : List.of(true, false)) {
      SocketChannel channel = closing(provider.openSocketChannel());
      channel.configureBlocking(blocking);
      FutureTask<Boolean> connect = aside(() -> channel.connect(listener.getLocalAddress()));
      attempt().unavailable(Reason.NO_TWIN);
      if (!blocking) {
        assertFalse(connect.get());
        assertFalse(channel.finishConnect()); // Goes on to the second.
      }
      ScriptedProvider.Attempt last = silent.attempts.poll(10, TimeUnit.SECONDS);
      channel.close();
      if (blocking) {
        // Whoever is asked just now is withdrawn by the thread that asks.
        ExecutionException failed = assertThrows(ExecutionException.class, connect::get);
        assertTrue(failed.getCause() instanceof ClosedChannelException, failed::toString);
      }
      assertTrue(last.isWithdrawn());
    }
  }

  // -- Bound addresses

  @Test
  void aBoundAddressIsToldToEveryProvider() throws Exception {
    ServerSocketChannel listener = plain();
    ScriptedProvider other = new ScriptedProvider("second", to -> true);
    provider = provider(BOTH, first, other);
    InetAddress from = InetAddress.getByName("127.0.0.3");
    SocketChannel channel = closing(provider.openSocketChannel());
    channel.bind(new InetSocketAddress(from, 0));
    InetSocketAddress bound = (InetSocketAddress) channel.getLocalAddress();
    FutureTask<Boolean> connect = aside(() -> channel.connect(listener.getLocalAddress()));
    ScriptedProvider.Attempt attempt = attempt();
    assertEquals(bound, attempt.bound);
    attempt.unavailable(Reason.BOUND_ADDRESS);
    ScriptedProvider.Attempt next = other.attempts.poll(10, TimeUnit.SECONDS);
    assertEquals(bound, next.bound);
    next.unavailable(Reason.BOUND_ADDRESS);
    assertTrue(connect.get());
    assertEquals(bound, channel.getLocalAddress());
    assertEquals(bound, closing(listener.accept()).getRemoteAddress());
    assertRegistered(null, Reason.BOUND_ADDRESS);
  }

  @Test
  void aSocketsBoundAddressIsToldToo() throws Exception {
    ServerSocketChannel listener = plain();
    Socket socket = socket();
    socket.bind(new InetSocketAddress("127.0.0.3", 0));
    InetSocketAddress bound = (InetSocketAddress) socket.getLocalSocketAddress();
    FutureTask<Void> connect =
        aside(
            () -> {
              socket.connect(listener.getLocalAddress());
              return null;
            });
    ScriptedProvider.Attempt attempt = attempt();
    assertEquals(bound, attempt.bound);
    attempt.unavailable(Reason.TIMEOUT);
    connect.get();
    assertEquals(bound, closing(listener.accept()).getRemoteAddress());
  }

  // -- Listeners

  @Test
  void aWildcardListenerHasATwinOnEveryProvider() throws IOException {
    InProcessProvider near = new InProcessProvider("first");
    provider = provider(BOTH, near, second);
    TwinSelectorProvider overFirst = provider(BOTH, near);
    TwinSelectorProvider overSecond = provider(BOTH, second);
    ServerSocketChannel listener = closing(provider.openServerSocketChannel());
    listener.bind(new InetSocketAddress("0.0.0.0", 0));
    Registry.Listener twins = provider.owner().registry().listeners().get(0);
    assertEquals(List.of("first", "second"), twins.providers());
    assertEquals(Map.of(), twins.without());

    int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    for (var clients : List.of(overFirst, overSecond, DefaultSelectorProvider.get())) {
      closing(clients.openSocketChannel()).connect(address);
    }
    for (int i = 0; i < 3; i++) {
      closing(listener.accept());
    }
    assertEquals(
        Arrays.asList(null, "first", "second"),
        provider.owner().registry().connections().stream()
            .map(Registry.Connection::provider)
            .sorted(Comparator.nullsFirst(Comparator.naturalOrder()))
            .toList());
  }

  @Test
  void noneOfTheThreeStarves() throws IOException {
    InProcessProvider near = new InProcessProvider("first");
    provider = provider(BOTH, near, second);
    ServerSocketChannel listener = listen(20);
    int each = 6;
    for (int i = 0; i < each; i++) {
      closing(provider(BOTH, near).openSocketChannel()).connect(listener.getLocalAddress());
      closing(provider(BOTH, second).openSocketChannel()).connect(listener.getLocalAddress());
      closing(DefaultSelectorProvider.get().openSocketChannel())
          .connect(listener.getLocalAddress());
    }
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 3 * each; i++) {
      SocketChannel accepted = closing(listener.accept());
      order.add(
          accepted instanceof TwinSocketChannel twin ? twin.twin.describe().provider() : "tcp");
    }
    for (int i = 0; i + 4 <= 2 * each; i++) {
      List<String> next = order.subList(i, i + 4);
      assertTrue(
          next.containsAll(List.of("tcp", "first", "second")), () -> "somebody waits: " + order);
    }
  }

  @Test
  void aListenerIsSelectedForArrivalsOnEveryProvider() throws IOException {
    InProcessProvider near = new InProcessProvider("first");
    provider = provider(BOTH, near, second);
    ServerSocketChannel listener = listen();
    Selector selector = selector();
    register(listener, selector, SelectionKey.OP_ACCEPT);
    for (var clients : List.of(provider(BOTH, near), provider(BOTH, second))) {
      assertEquals(0, selector.selectNow());
      closing(clients.openSocketChannel()).connect(listener.getLocalAddress());
      assertEquals(1, selector.select());
      selector.selectedKeys().clear();
      assertNotNull(closing(listener.accept()));
      assertNull(listener.accept());
    }
  }

  @Test
  void oneProviderThatFailsLeavesTheOthersAndCostsOneLine() throws IOException {
    String errors =
        errorsOf(
            () -> {
              provider = provider(BOTH, new BrokenProvider("first"), second);
              ServerSocketChannel listener = listen();
              Registry.Listener twins = provider.owner().registry().listeners().get(0);
              assertEquals(List.of("second"), twins.providers());
              assertNull(twins.reason());
              assertEquals(Map.of("first", Reason.PROVIDER_FAILED), twins.without());
              for (int i = 0; i < 5; i++) {
                assertFalse(isOnTcp(connect(listener)));
                listen();
              }
            });
    assertEquals(1, errors.lines().count(), errors);
    assertTrue(errors.contains("SAN provider first failed"), errors);
    assertTrue(errors.contains("no native code"), errors);
  }

  private interface Body {
    void run() throws IOException;
  }

  private static String errorsOf(Body body) throws IOException {
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(heard, true, StandardCharsets.UTF_8));
    try {
      body.run();
    } finally {
      System.setErr(before);
    }
    return heard.toString(StandardCharsets.UTF_8);
  }
}
