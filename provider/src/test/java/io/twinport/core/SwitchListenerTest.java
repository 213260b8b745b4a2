package io.twinport.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.jdk.Shim;
import io.twinport.net.SocketImpls;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import io.twinport.spi.Seat;
import io.twinport.support.BrokenProvider;
import io.twinport.support.ListeningProvider;
import io.twinport.support.SwitchFixture;
import io.twinport.waiting.EpollBell;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sun.nio.ch.DefaultSelectorProvider;
import sun.nio.ch.SelChImpl;

/** Who is told of arrivals, and in what order. */
@Timeout(20)
final class SwitchListenerTest extends SwitchFixture {
  private ServerSocketChannel tcp;
  private InetSocketAddress address;
  private SwitchListener<Object> listener;
  private IOException tcpFailure;

  @BeforeEach
  void bind() throws IOException {
    assertTrue(Shim.CORE.isLinked());
    tcp = closing(DefaultSelectorProvider.get().openServerSocketChannel());
    tcp.configureBlocking(false);
    tcp.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    address = (InetSocketAddress) tcp.getLocalAddress();
    listener = new SwitchListener<>(provider.owner(), new Face());
    closing(listener::closeAll);
  }

  /** Hands out what has come, as it is. */
  private final class Face implements ListenerFace<Object> {
    @Override
    public FileDescriptor descriptor() {
      return ((SelChImpl) tcp).getFD();
    }

    @Override
    public Object acceptTcp() throws IOException {
      if (tcpFailure != null) {
        throw tcpFailure;
      }
      return tcp.accept();
    }

    @Override
    public Object acceptSan(SanConnection connection, Map<SocketOption<?>, Object> inherited) {
      return connection;
    }

    @Override
    public void closeTcp() throws IOException {
      tcp.close();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
      return tcp.supportedOptions();
    }

    @Override
    public <V> V getOption(SocketOption<V> name) throws IOException {
      return tcp.getOption(name);
    }
  }

  private Object accept() throws IOException {
    listener.lock();
    try {
      listener.begin();
      try {
        return listener.accept(Long.MAX_VALUE, false);
      } finally {
        listener.end();
      }
    } finally {
      listener.unlock();
    }
  }

  @Test
  void anAcceptThatBlocksAlreadyHearsOfListenersThatComeLater() throws Exception {
    FutureTask<Object> accepting = accepting(this::accept);
    listener.listen(0, null);
    SanConnection client = san.connect(address, null);
    SanConnection server = (SanConnection) accepting.get(10, TimeUnit.SECONDS);
    assertEquals(client.localAddress(), server.remoteAddress());
  }

  /** Starts an accept, and waits until it is asleep in the kernel, or has ended. */
  private static FutureTask<Object> accepting(Callable<Object> accept) {
    FutureTask<Object> accepting = new FutureTask<>(accept);
    Thread thread = new Thread(accepting, "accepting");
    thread.setDaemon(true);
    thread.start();
    StackTraceElement[] stack;
    do {
      Thread.onSpinWait();
      stack = thread.getStackTrace();
    } while (!accepting.isDone() && (stack.length == 0 || !stack[0].isNativeMethod()));
    return accepting;
  }

  /** It is the bell of a sleep, not TCP's: an accept that took it for TCP's would never sleep. */
  @Test
  void aRingWithoutACauseDoesNotKeepAnAcceptAwake() throws Exception {
    ListeningProvider peers = new ListeningProvider();
    peers.started = true;
    provider = provider(Map.of("wait", "spin", "providers", "inproc,listening"), san, peers);
    listener.closeAll();
    tcp.close();
    bind();
    listener.listen(0, null);
    FutureTask<Object> accepting = accepting(this::accept);
    assertEquals(ListeningProvider.ASLEEP, peers.heard.poll(20, TimeUnit.SECONDS));
    EpollBell bell = (EpollBell) peers.bell;
    bell.ring();
    assertEquals(ListeningProvider.AWAKE, peers.heard.poll(20, TimeUnit.SECONDS));
    String next;
    do { // While it spins, too.
      bell.ring();
      next = peers.heard.poll(1, TimeUnit.MILLISECONDS);
    } while (next == null);
    assertEquals(ListeningProvider.ASLEEP, next);
    san.connect(address, null);
    assertTrue(accepting.get(20, TimeUnit.SECONDS) instanceof SanConnection);
  }

  @Test
  void arrivalsThatTcpCannotTakeDoNotKeepTheSanFromAccepting() throws IOException {
    listener.listen(0, null);
    for (int i = 0; i < 3; i++) {
      assertNotNull(san.connect(address, null));
    }
    SocketChannel plain = closing(DefaultSelectorProvider.get().openSocketChannel());
    plain.connect(address);
    try (Selector arrived = DefaultSelectorProvider.get().openSelector()) {
      tcp.register(arrived, SelectionKey.OP_ACCEPT);
      assertEquals(1, arrived.select());
    }
    tcpFailure = new IOException("Too many open files");
    for (int i = 0; i < 3; i++) {
      assertThrows(IOException.class, this::accept);
      assertNotNull(accept());
    }
  }

  /** A listener that nobody connects to, and whose provider fails when it is closed. */
  private static final class StubbornListener extends SanListener {
    private final InetSocketAddress local;
    private final SanEvent event = new SanEvent();

    StubbornListener(InetSocketAddress local) {
      this.local = local;
    }

    @Override
    public String provider() {
      return "other";
    }

    @Override
    public InetSocketAddress localAddress() {
      return local;
    }

    @Override
    public SanEvent event() {
      return event;
    }

    @Override
    public SanConnection accept() {
      return null;
    }

    @Override
    public void refuse(Reason reason) {}

    @Override
    public int readyEvents(int interest) {
      return 0;
    }

    @Override
    public int arm(int interest, Seat seat) {
      return 0;
    }

    @Override
    public void close() {
      throw new IllegalStateException("does not close");
    }
  }

  @Test
  void aTwinThatCannotBeClosedKeepsNobodyAndNothing() throws Exception {
    SanProvider other =
        new BrokenProvider("other") {
          @Override
          public SanListener listen(
              InetSocketAddress local, int backlog, AcceptCondition condition) {
            return new StubbornListener(local);
          }
        };
    provider = provider(Map.of("log", "error"), other, san);
    ServerSocket server = new ServerSocket(SocketImpls.make(provider.owner(), true)) {
          // The constructor is for subclasses.
        };
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    SocketAddress bound = server.getLocalSocketAddress();
    FutureTask<Object> accepting = accepting(server::accept);
    server.close();
    ExecutionException ended =
        assertThrows(ExecutionException.class, () -> accepting.get(10, TimeUnit.SECONDS));
    assertEquals(SocketException.class, ended.getCause().getClass());
    assertThrows(
        SanUnavailableException.class,
        () -> san.connect((InetSocketAddress) bound, null).finishConnect(),
        "the other twin");
    closing(new ServerSocket()).bind(bound);
  }
}
