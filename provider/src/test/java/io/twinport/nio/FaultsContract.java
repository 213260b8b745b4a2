package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.faults.Fault;
import io.twinport.faults.Rounds;
import io.twinport.spi.SanProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever flies through an operation of channels and selectors, at whatever step: nothing else is
 * lost.
 */
public abstract class FaultsContract extends FaultsFixture {
  /** As {@link FaultsFixture}. */
  protected FaultsContract(SanProvider san, Set<Fault> faults, String... packages) {
    super(san, faults, packages);
  }

  // -- Operations

  @ParameterizedTest
  @MethodSource("faults")
  void blockingConnect(Fault fault) throws Exception {
    all(
        "connect",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            client = provider.openSocketChannel();
          }

          @Override
          public void run() throws IOException {
            client.connect(listener.getLocalAddress());
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            if (fault == Fault.PROVIDER || fault == Fault.PROVIDER_IO) {
              assertTrue(
                  thrown == null || thrown instanceof IOException, thrown + " of a provider");
            }
            if (thrown == null) {
              server = listener.accept();
              exchange(client, server);
            }
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void selectedConnect(Fault fault) throws Exception {
    all(
        "connect, select, finishConnect",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            client = provider.openSocketChannel();
            client.configureBlocking(false);
          }

          @Override
          public void run() throws IOException {
            if (!client.connect(listener.getLocalAddress())) {
              client.register(selector, SelectionKey.OP_CONNECT);
              selector.select(2_000);
              selector.selectedKeys().clear();
              client.finishConnect();
            }
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            if (thrown == null && client.isConnected()) {
              server = listener.accept();
              if (client.keyFor(selector) != null) {
                client.keyFor(selector).cancel();
                selector.selectNow();
              }
              exchange(client, server);
            }
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void accept(Fault fault) throws Exception {
    all(
        "accept",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            countListed();
            client = provider.openSocketChannel();
            client.connect(listener.getLocalAddress());
          }

          @Override
          public void run() throws IOException {
            server = listener.accept();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            if (!listener.isOpen()) {
              assertEquals(Fault.INTERRUPT, fault, "the listener is closed");
              ended(client);
              closePair();
              surroundings();
              return;
            }
            if (server == null) {
              listener.configureBlocking(false);
              server = listener.accept();
              listener.configureBlocking(true);
            }
            if (server == null) {
              ended(client);
            } else {
              exchange(client, server);
            }
            closePair();
            othersWork();
            nothingMoreIsListed(fault);
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void transfer(Fault fault) throws Exception {
    all(
        "write, read",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            pair();
          }

          @Override
          public void run() throws IOException {
            client.write(bytes(1, 2, 3));
            server.read(ByteBuffer.allocate(3));
            server.write(new ByteBuffer[] {bytes(1), bytes(2)});
            client.read(new ByteBuffer[] {ByteBuffer.allocate(1), ByteBuffer.allocate(1)});
            client.shutdownOutput();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            if (thrown != null && client.isOpen() && server.isOpen()) {
              client.shutdownOutput();
              ended(server);
            }
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void select(Fault fault) throws Exception {
    all(
        "register, select, cancel",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            pair();
            server.configureBlocking(false);
            client.write(bytes(1));
            bystander.write(bytes(1));
          }

          @Override
          public void run() throws IOException {
            SelectionKey key = server.register(selector, SelectionKey.OP_READ);
            selector.select(100);
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            selector.selectNow();
            selector.selectedKeys().clear();
            key.interestOps(0);
            selector.wakeup();
            selector.select(100);
            selector.select(1);
            key.cancel();
            selector.selectNow();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            selector.selectedKeys().clear();
            assertTrue(selector.select(5_000) >= 1, "events that nobody has taken");
            selector.selectedKeys().clear();
            assertEquals(1, bystanderPeer.read(ByteBuffer.allocate(1)));
            SelectionKey key = server.keyFor(selector);
            if (key != null) {
              key.cancel();
              selector.selectNow();
            }
            exchange(server, client);
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void close(Fault fault) throws Exception {
    all(
        "close",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            pair();
          }

          @Override
          public void run() throws IOException {
            client.close();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            client.close();
            ended(server);
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfPendingConnect(Fault fault) throws Exception {
    all(
        "close of a connect that is pending",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            client = provider.openSocketChannel();
            client.configureBlocking(false);
            client.connect(listener.getLocalAddress());
          }

          @Override
          public void run() throws IOException {
            client.close();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            client.close();
            othersWork(); // What was not withdrawn is accepted here, and has to end.
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfListener(Fault fault) throws Exception {
    closeOfListener(
        "close of a listener",
        fault,
        false,
        () -> {
          ServerSocketChannel opened = provider.openServerSocketChannel();
          opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          return new Listening((InetSocketAddress) opened.getLocalAddress(), opened);
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void bind(Fault fault) throws Exception {
    ServerSocketChannel[] bound = {null};
    all(
        "bind",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            bound[0] = provider.openServerSocketChannel();
          }

          @Override
          public void run() throws IOException {
            bound[0].bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            ServerSocketChannel own = bound[0];
            if (own.getLocalAddress() != null && strikes == 1) {
              assertNull(thrown, "a bind that TCP has made");
            }
            // Where what an Error leaves can't be put in order for a second one, that is thrown.
            if (own.getLocalAddress() != null && thrown == null) {
              try (SocketChannel one = provider.openSocketChannel()) {
                one.connect(own.getLocalAddress());
                try (SocketChannel other = own.accept()) {
                  exchange(one, other);
                }
              }
            }
            own.close();
            othersWork();
          }
        });
    rounds.verify();
  }
}
