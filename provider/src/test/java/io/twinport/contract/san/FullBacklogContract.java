package io.twinport.contract.san;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.FullListener;
import io.twinport.contract.support.Transport;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;

/**
 * Calls that block on connections of a listener whose SAN queue is full and that sends its clients
 * on to TCP are ended as others are, whichever path each of them has.
 */
public abstract class FullBacklogContract extends ContractTest {
  /** As many as a backlog of 1 takes: the kernel's queue two, and a twin's another one. */
  private final int most;

  protected FullBacklogContract(Transport transport) {
    super(transport);
    most = transport.fullTwinsSendToTcp() ? 3 : 2;
  }

  /** A call that blocks on a connected channel. */
  private interface Blocking {
    void on(SocketChannel channel) throws Exception;
  }

  /** Connects until all queues are full; nobody is accepted yet. */
  private SocketChannel[] clients(ServerSocketChannel listener) throws Exception {
    SocketChannel[] clients = new SocketChannel[most];
    for (int i = 0; i < most; i++) {
      clients[i] = connectTo(listener.getLocalAddress());
    }
    return clients;
  }

  private ServerSocketChannel listenWithTheLeastBacklog() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 1);
    return listener;
  }

  private void assertAllAreEnded(Blocking call) throws Exception {
    for (boolean interrupt : new boolean[] {true, false}) {
      ServerSocketChannel listener = listenWithTheLeastBacklog();
      for (SocketChannel client : clients(listener)) {
        Background<Void> blocked =
            spawn(
                () -> {
                  call.on(client);
                  return null;
                });
        blocked.awaitBlocked();
        if (interrupt) {
          blocked.interruptUntilDone();
          blocked.joinFailure(ClosedByInterruptException.class);
          assertTrue(blocked.interruptedAtEnd());
        } else {
          client.close();
          blocked.joinFailure(AsynchronousCloseException.class);
        }
        assertFalse(client.isOpen());
      }
      listener.close();
    }
  }

  @Test
  void closeAndInterruptEndReadsOnBothPaths() throws Exception {
    assertAllAreEnded(client -> client.read(ByteBuffer.allocate(8)));
    assertAllAreEnded(client -> client.read(new ByteBuffer[] {ByteBuffer.allocate(8)}));
  }

  @Test
  void closeAndInterruptEndWritesOnBothPaths() throws Exception {
    assertAllAreEnded(
        client -> {
          fill(client, ByteBuffer.allocateDirect(64 << 20));
          client.configureBlocking(true);
          while (true) {
            client.write(ByteBuffer.allocateDirect(1));
          }
        });
  }

  @Test
  void shutdownEndsReadsOnBothPathsWithTheEndOfTheStream() throws Exception {
    ServerSocketChannel listener = listenWithTheLeastBacklog();
    for (SocketChannel client : clients(listener)) {
      Background<Integer> reading = spawn(() -> client.read(ByteBuffer.allocate(8)));
      reading.awaitBlocked();
      client.shutdownInput();
      assertEquals(-1, reading.join());
      assertTrue(client.isOpen());
    }
  }

  @Test
  void closeAndInterruptEndAcceptsThatHaveServedBothPaths() throws Exception {
    for (boolean interrupt : new boolean[] {true, false}) {
      ServerSocketChannel listener = listenWithTheLeastBacklog();
      clients(listener);
      for (int i = 0; i < most; i++) {
        accept(listener);
      }
      Background<SocketChannel> accepting = spawn(listener::accept);
      accepting.awaitBlocked();
      if (interrupt) {
        accepting.interrupt();
        accepting.joinFailure(ClosedByInterruptException.class);
      } else {
        listener.close();
        accepting.joinFailure(AsynchronousCloseException.class);
      }
      assertFalse(listener.isOpen());
    }
  }

  @Test
  void wakeupAndInterruptEndASelectOfBothPathsAndOfAPendingConnect() throws Exception {
    FullListener full = fullListener();
    ServerSocketChannel listener = listenWithTheLeastBacklog();
    Selector selector = openSelector();
    for (SocketChannel client : clients(listener)) {
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_READ);
    }
    SocketChannel pending = openNonBlockingSocket();
    assertFalse(pending.connect(full.address()));
    SelectionKey pendingKey = pending.register(selector, SelectionKey.OP_CONNECT);
    Background<Integer> selecting = spawn(() -> selector.select());
    selecting.awaitBlocked();
    selector.wakeup();
    assertEquals(0, selecting.join());
    Background<Integer> interrupted = spawn(() -> selector.select());
    interrupted.awaitBlocked();
    interrupted.interrupt();
    assertEquals(0, interrupted.join());
    assertTrue(interrupted.interruptedAtEnd());
    assertTrue(pendingKey.isValid());
    assertTrue(pending.isConnectionPending());
    pending.close();
    assertFalse(pendingKey.isValid());
    selector.selectNow();
    assertEquals(most, selector.keys().size());
    for (int i = 0; i < most; i++) {
      writeFully(accept(listener), "x");
    }
    awaitTrue(
        "all are selected",
        () -> {
          selector.select(1000);
          return selector.selectedKeys().size() == most;
        });
  }

  @Test
  void interruptEndsABlockedFinishConnectAndCloses() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openNonBlockingSocket();
    assertFalse(channel.connect(full.address()));
    channel.configureBlocking(true);
    Background<Boolean> finishing = spawn(channel::finishConnect);
    finishing.awaitBlocked();
    finishing.interrupt();
    finishing.joinFailure(ClosedByInterruptException.class);
    assertTrue(finishing.interruptedAtEnd());
    assertFalse(channel.isOpen());
  }

  @Test
  void connectWithInterruptStatusSetCloses() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openSocket();
    Background<Boolean> connecting =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              return channel.connect(full.address());
            });
    connecting.joinFailure(ClosedByInterruptException.class);
    assertTrue(connecting.interruptedAtEnd());
    assertFalse(channel.isOpen());
  }
}
