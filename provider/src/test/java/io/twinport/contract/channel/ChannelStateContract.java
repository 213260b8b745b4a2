package io.twinport.contract.channel;

import static io.twinport.contract.support.Eventually.awaitTrue;

import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What each operation does in each state of a channel that is not the usual one: what it throws is
 * compared with the JDK's own channel in the same state, by type and message, as JDKs differ.
 */
public abstract class ChannelStateContract extends ContractTest {
  protected ChannelStateContract(Transport transport) {
    super(transport);
  }

  /** How a socket channel comes to the state in which it is tried. */
  enum Life {
    NEW,
    BOUND,
    CONNECTED,
    SHUT_IN,
    SHUT_OUT,
    SHUT,
    PENDING,
    REFUSED;

    SocketChannel begin(ChannelStateContract test, SelectorProvider provider, boolean blocking)
        throws Exception {
      if (this == NEW || this == BOUND || this == PENDING || this == REFUSED) {
        SocketChannel channel = test.closing(provider.openSocketChannel());
        channel.configureBlocking(blocking && this != PENDING);
        if (this == BOUND) {
          channel.bind(test.transport.socketAddress());
        } else if (this == PENDING) {
          channel.connect(test.fullListener().address());
          channel.configureBlocking(blocking);
        } else if (this == REFUSED) {
          test.beRefused(channel);
        }
        return channel;
      }
      SocketChannel channel = test.connectedWith(provider);
      if (this == SHUT_IN || this == SHUT) {
        channel.shutdownInput();
      }
      if (this == SHUT_OUT || this == SHUT) {
        channel.shutdownOutput();
      }
      channel.configureBlocking(blocking);
      return channel;
    }
  }

  private void beRefused(SocketChannel channel) throws IOException {
    try {
      channel.connect(closedPort());
      awaitTrue("it is refused", channel::finishConnect);
      throw new AssertionError("connected to a closed port");
    } catch (IOException e) {
      return; // As it should be.
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private SocketChannel connectedWith(SelectorProvider provider) throws IOException {
    try (ServerSocketChannel listener = provider.openServerSocketChannel()) {
      boolean oracle = provider == JdkTransport.PROVIDER; // Has both ends here.
      listener.bind(oracle ? transport.addressHere() : transport.bindAddress());
      SocketChannel connecting = closing(provider.openSocketChannel());
      connecting.connect(listener.getLocalAddress());
      SocketChannel accepted = closing(listener.accept());
      return transport.nearEndIsAccepted() ? accepted : connecting;
    }
  }

  @ParameterizedTest
  @EnumSource
  @Here(Here.End.SOCKET)
  void blockingSocketChannelAnswersAsTheJdks(Life life) throws Exception {
    compare(life, true, false);
  }

  @ParameterizedTest
  @EnumSource
  @Here(Here.End.SOCKET)
  void nonBlockingSocketChannelAnswersAsTheJdks(Life life) throws Exception {
    compare(life, false, false);
  }

  @ParameterizedTest
  @EnumSource
  @Here(Here.End.SOCKET)
  void blockingSocketChannelThatIsClosedAnswersAsTheJdks(Life life) throws Exception {
    compare(life, true, true);
  }

  @ParameterizedTest
  @EnumSource
  @Here(Here.End.SOCKET)
  void nonBlockingSocketChannelThatIsClosedAnswersAsTheJdks(Life life) throws Exception {
    compare(life, false, true);
  }

  private void compare(Life life, boolean blocking, boolean closed) throws Exception {
    Outcome.assertSameAnswers(
        answers(JdkTransport.PROVIDER, life, blocking, closed),
        answers(provider(), life, blocking, closed));
  }

  /** An operation on a channel of its own. */
  private interface Operation {
    Object on(SocketChannel channel) throws Exception;
  }

  /** What would wait for ever is left out: reads, and connects that pend, in blocking mode. */
  private Map<String, String> answers(
      SelectorProvider provider, Life life, boolean blocking, boolean closed) throws Exception {
    Map<String, Operation> operations = new TreeMap<>();
    InetSocketAddress nobody = closedPort();
    boolean waits = blocking && !closed;
    if (!waits || (life != Life.CONNECTED && life != Life.SHUT_OUT)) {
      operations.put("read", channel -> channel.read(ByteBuffer.allocate(1)));
      operations.put(
          "scattering read",
          channel -> channel.read(new ByteBuffer[] {ByteBuffer.allocate(1), null}, 0, 1));
      operations.put("read of none", channel -> channel.read(ByteBuffer.allocate(0)));
      operations.put(
          "read into what is read-only",
          channel -> channel.read(ByteBuffer.allocate(1).asReadOnlyBuffer()));
    }
    operations.put("read into null", channel -> channel.read((ByteBuffer) null));
    operations.put("read beyond", channel -> channel.read(new ByteBuffer[1], 1, 1));
    operations.put("write", channel -> channel.write(bytes("x")));
    operations.put("write of none", channel -> channel.write(ByteBuffer.allocate(0)));
    operations.put("write of null", channel -> channel.write((ByteBuffer) null));
    operations.put(
        "gathering write", channel -> channel.write(new ByteBuffer[] {bytes("x"), bytes("y")}));
    operations.put("gathering write of none", channel -> channel.write(new ByteBuffer[0]));
    if (!waits || life != Life.PENDING) {
      operations.put("finishConnect", SocketChannel::finishConnect);
    }
    if (blocking || closed || (life != Life.NEW && life != Life.BOUND)) {
      operations.put("connect", channel -> channel.connect(nobody));
    }
    operations.put(
        "connect to a name",
        channel -> channel.connect(InetSocketAddress.createUnresolved("none.invalid", 1)));
    operations.put("connect to null", channel -> channel.connect(null));
    operations.put("bind", channel -> channel.bind(null) == channel);
    operations.put("shutdownInput", channel -> channel.shutdownInput() == channel);
    operations.put("shutdownOutput", channel -> channel.shutdownOutput() == channel);
    operations.put("configureBlocking", channel -> channel.configureBlocking(true) == channel);
    operations.put(
        "register", channel -> register(provider, channel, SelectionKey.OP_READ).interestOps());
    operations.put("register for accept", c -> register(provider, c, SelectionKey.OP_ACCEPT));
    operations.put("isConnected", SocketChannel::isConnected);
    operations.put("isConnectionPending", SocketChannel::isConnectionPending);
    operations.put("isBlocking", SocketChannel::isBlocking);
    operations.put("isRegistered", SocketChannel::isRegistered);
    operations.put("validOps", SocketChannel::validOps);
    operations.put("getLocalAddress", channel -> kind(channel.getLocalAddress()));
    operations.put("getRemoteAddress", channel -> kind(channel.getRemoteAddress()));
    operations.put("socket connects", channel -> connectSocket(channel, nobody));
    operations.put("socket's input", channel -> channel.socket().getInputStream() != null);
    operations.put("socket's output", channel -> channel.socket().getOutputStream() != null);
    operations.put("socket's urgent", channel -> sendUrgent(channel));
    Map<String, String> answers = new TreeMap<>();
    for (Map.Entry<String, Operation> operation : operations.entrySet()) {
      SocketChannel channel = life.begin(this, provider, blocking);
      if (closed) {
        channel.close();
      }
      String name = operation.getKey();
      answers.put(name, Outcome.of(() -> operation.getValue().on(channel)));
      answers.put(name + " leaves it open", Outcome.of(channel::isOpen));
      channel.close();
    }
    return answers;
  }

  private SelectionKey register(SelectorProvider provider, SocketChannel channel, int ops)
      throws IOException {
    return channel.register(closing(provider.openSelector()), ops);
  }

  private static String kind(SocketAddress address) {
    return address == null
        ? "none"
        : ((InetSocketAddress) address).getPort() == 0 ? "no port" : "an address";
  }

  private static String connectSocket(SocketChannel channel, InetSocketAddress to)
      throws IOException {
    channel.socket().connect(to, 5000);
    return "connected";
  }

  private static String sendUrgent(SocketChannel channel) throws IOException {
    channel.socket().sendUrgentData(1);
    return "sent";
  }

  /** An operation on a listener of its own. */
  private interface ListenerOperation {
    Object on(ServerSocketChannel listener) throws Exception;
  }

  @Test
  @Here(Here.End.LISTENER)
  void listenersAnswerAsTheJdks() throws Exception {
    for (boolean bound : new boolean[] {false, true}) {
      for (boolean blocking : new boolean[] {false, true}) {
        for (boolean closed : new boolean[] {false, true}) {
          Outcome.assertSameAnswers(
              listenerAnswers(JdkTransport.PROVIDER, bound, blocking, closed),
              listenerAnswers(provider(), bound, blocking, closed));
        }
      }
    }
  }

  private Map<String, String> listenerAnswers(
      SelectorProvider provider, boolean bound, boolean blocking, boolean closed) throws Exception {
    Map<String, ListenerOperation> operations = new TreeMap<>();
    if (!bound || !blocking || closed) {
      operations.put("accept", ServerSocketChannel::accept);
      operations.put("socket accepts", listener -> listener.socket().accept());
    }
    operations.put("socket accepts in time", listener -> acceptInTime(listener));
    operations.put("bind", listener -> listener.bind(null) == listener);
    operations.put("bind to null with a backlog", listener -> listener.bind(null, -1) == listener);
    operations.put(
        "bind to a name",
        listener -> listener.bind(InetSocketAddress.createUnresolved("none.invalid", 1)));
    operations.put("validOps", ServerSocketChannel::validOps);
    operations.put("getLocalAddress", listener -> kind(listener.getLocalAddress()));
    operations.put("configureBlocking", listener -> listener.configureBlocking(true) == listener);
    operations.put(
        "register for read",
        listener -> listener.register(closing(provider.openSelector()), SelectionKey.OP_READ));
    operations.put("socket's port", listener -> listener.socket().getLocalPort() > 0);
    operations.put("socket is bound", listener -> listener.socket().isBound());
    operations.put("socket is closed", listener -> listener.socket().isClosed());
    Map<String, String> answers = new TreeMap<>();
    for (Map.Entry<String, ListenerOperation> operation : operations.entrySet()) {
      ServerSocketChannel listener = closing(provider.openServerSocketChannel());
      if (bound) {
        listener.bind(transport.addressHere());
      }
      listener.configureBlocking(blocking);
      if (closed) {
        listener.close();
      }
      answers.put(
          operation.getKey() + (bound ? ", bound" : ", unbound"),
          Outcome.of(() -> operation.getValue().on(listener)));
      listener.close();
    }
    return answers;
  }

  private static Object acceptInTime(ServerSocketChannel listener) throws IOException {
    listener.socket().setSoTimeout(1);
    return listener.socket().accept();
  }
}
