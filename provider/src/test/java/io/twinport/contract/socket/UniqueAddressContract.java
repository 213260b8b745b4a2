package io.twinport.contract.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Here;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No two live connections of a server have one remote address, whatever their clients bind. */
public abstract class UniqueAddressContract extends SocketContract {
  /** Enough for a SAN that gives ports in a row to come to the one that was bound before. */
  private static final int CROWD = 250;

  private static final int AHEAD = 100;

  protected UniqueAddressContract(Transport transport) {
    super(transport);
  }

  /** A server that is bound, and accepts one client after the other. */
  private interface Server {
    SocketAddress address() throws Exception;

    /** The remote address of the next; it stays connected. */
    SocketAddress accept() throws Exception;
  }

  /** What accepts. */
  enum Kind {
    CHANNEL {
      @Override
      Server begin(UniqueAddressContract test) throws Exception {
        ServerSocketChannel listener = test.openListener();
        listener.bind(test.transport.bindAddress(), CROWD);
        return new Accepting(
            listener::getLocalAddress, () -> test.closing(listener.accept()).getRemoteAddress());
      }
    },
    SOCKET {
      @Override
      Server begin(UniqueAddressContract test) throws Exception {
        ServerSocket server = test.newServerSocket();
        server.bind(test.transport.bindAddress(), CROWD);
        return new Accepting(
            server::getLocalSocketAddress, () -> test.acceptFrom(server).getRemoteSocketAddress());
      }
    },
    ASYNCHRONOUS {
      @Override
      Server begin(UniqueAddressContract test) throws Exception {
        AsynchronousServerSocketChannel listener =
            test.closing(
                test.transport.asynchronousProvider().openAsynchronousServerSocketChannel(null));
        listener.bind(test.transport.bindAddress(), CROWD);
        return new Accepting(
            listener::getLocalAddress,
            () -> {
              AsynchronousSocketChannel accepted = test.closing(listener.accept().get());
              return accepted.getRemoteAddress();
            });
      }
    };

    abstract Server begin(UniqueAddressContract test) throws Exception;
  }

  private interface Getter {
    SocketAddress get() throws Exception;
  }

  private record Accepting(Getter listening, Getter next) implements Server {
    @Override
    public SocketAddress address() throws Exception {
      return listening.get();
    }

    @Override
    public SocketAddress accept() throws Exception {
      return next.get();
    }
  }

  /** A port that SAN clients after {@code first} will come to, unless it is found to be taken. */
  private static int portBehind(SocketAddress first) {
    int port = ((InetSocketAddress) first).getPort();
    return port < 32_768 - CROWD ? port + AHEAD : 1_100; // Of TCP, any that is free.
  }

  private interface Bind {
    void to(InetSocketAddress address) throws IOException;
  }

  /** Binds the first port from the given one on that nobody has. */
  private void bindFrom(int port, Bind bind) throws IOException {
    BindException taken = null;
    for (int next = port; next < port + CROWD; next++) {
      try {
        bind.to(new InetSocketAddress(transport.socketAddress().getAddress(), next));
        return;
      } catch (BindException e) {
        taken = e; // Somebody has it.
      }
    }
    throw taken;
  }

  private void crowd(Server server, Set<SocketAddress> seen) throws Exception {
    for (int i = 0; i < CROWD; i++) {
      connectTo(server.address());
      SocketAddress remote = server.accept();
      assertTrue(seen.add(remote), () -> "twice: " + remote);
    }
  }

  @ParameterizedTest
  @EnumSource
  @Here(Here.End.LISTENER)
  void aClientThatHasBoundAPort(Kind kind) throws Exception {
    Server server = kind.begin(this);
    Set<SocketAddress> seen = new HashSet<>();
    connectTo(server.address());
    SocketAddress first = server.accept();
    seen.add(first);
    SocketChannel bound = openSocket();
    bindFrom(portBehind(first), bound::bind);
    bound.connect(server.address());
    seen.add(server.accept());
    assertTrue(seen.contains(bound.getLocalAddress()), "the port that was bound is kept");
    crowd(server, seen);
    assertEquals(2 + CROWD, seen.size());
  }

  @ParameterizedTest
  @EnumSource
  @Here(Here.End.LISTENER)
  void aPlainClientThatHasBoundAPort(Kind kind) throws Exception {
    Server server = kind.begin(this);
    Set<SocketAddress> seen = new HashSet<>();
    connectTo(server.address());
    SocketAddress first = server.accept();
    seen.add(first);
    SocketChannel plain = closing(JdkTransport.PROVIDER.openSocketChannel());
    if (transport.twoHosts()) {
      plain.bind(transport.addressHere());
    } else {
      bindFrom(portBehind(first), plain::bind);
    }
    plain.connect(server.address());
    assertTrue(seen.add(server.accept()));
    crowd(server, seen);
  }

  /** Once the plain client is gone, its address is free. */
  @Test
  @Here(Here.End.LISTENER)
  void anAddressIsFreeOnceItsConnectionIsClosed() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), CROWD);
    for (int i = 0; i < 3; i++) {
      SocketChannel plain = closing(JdkTransport.PROVIDER.openSocketChannel());
      bindFrom(20_000, plain::bind);
      InetSocketAddress address = (InetSocketAddress) plain.getLocalAddress();
      plain.connect(listener.getLocalAddress());
      SocketChannel accepted = accept(listener);
      plain.setOption(StandardSocketOptions.SO_LINGER, 0); // Leaves no address behind.
      plain.close();
      assertEnds(accepted);
      accepted.close();
      SocketChannel bound = openSocket();
      bound.bind(address);
      bound.connect(listener.getLocalAddress());
      SocketChannel second = accept(listener);
      assertEquals(address, second.getRemoteAddress());
      writeFully(bound, "x");
      assertReads("x", second);
      bound.setOption(StandardSocketOptions.SO_LINGER, 0);
      bound.close();
      second.close();
    }
  }

  private static void assertEnds(SocketChannel channel) {
    assertThrows(IOException.class, () -> drain(channel));
  }

  private static void drain(SocketChannel channel) throws IOException {
    if (channel.read(ByteBuffer.allocate(1)) < 0) {
      throw new IOException("at its end");
    }
  }

  /** Where both say that they may share an address, the second can't connect from it. */
  @Test
  @Here(Here.End.SOCKET)
  void anAddressThatIsSharedIsOneClientsOnly() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), CROWD);
    SocketChannel plain = closing(JdkTransport.PROVIDER.openSocketChannel());
    plain.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    plain.bind(transport.socketAddress());
    plain.connect(listener.getLocalAddress());
    accept(listener);
    SocketChannel channel = openSocket();
    channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    channel.bind(plain.getLocalAddress());
    assertThrows(IOException.class, () -> channel.connect(listener.getLocalAddress()));
    Socket socket = newSocket();
    socket.setReuseAddress(true);
    socket.bind(plain.getLocalAddress());
    assertThrows(IOException.class, () -> socket.connect(listener.getLocalAddress()));
    Closeable other = connectTo(listener.getLocalAddress());
    accept(listener);
    other.close();
  }
}
