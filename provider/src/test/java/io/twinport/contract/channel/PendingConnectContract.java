package io.twinport.contract.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.FullListener;
import io.twinport.contract.support.Transport;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Connects that take long, because the listener's queue is full: they pend, time out, are closed or
 * succeed in the end.
 */
public abstract class PendingConnectContract extends ContractTest {
  protected PendingConnectContract(Transport transport) {
    super(transport);
  }

  private Background<Boolean> connectBlocked(SocketChannel channel) throws Exception {
    FullListener full = fullListener();
    Background<Boolean> connecting = spawn(() -> channel.connect(full.address()));
    connecting.awaitBlocked();
    return connecting;
  }

  /** What nobody was told of does not count, even if the connection was there. */
  @Test
  void connectClosedBeforeItIsFinishedHasNoLocalAddress() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    if (channel.connect(listener.getLocalAddress())) {
      return;
    }
    SelectionKey key = channel.register(openSelector(), SelectionKey.OP_CONNECT);
    awaitReady(key, SelectionKey.OP_CONNECT);
    channel.close();
    assertFalse(channel.socket().isBound());
    assertEquals(-1, channel.socket().getLocalPort());
  }

  @Test
  void closeEndsABlockedConnect() throws Exception {
    SocketChannel channel = openSocket();
    Background<Boolean> connecting = connectBlocked(channel);
    channel.close();
    connecting.joinFailure(AsynchronousCloseException.class);
    assertFalse(connecting.interruptedAtEnd());
    assertFalse(channel.isConnected());
  }

  @Test
  void interruptEndsABlockedConnectAndCloses() throws Exception {
    SocketChannel channel = openSocket();
    Background<Boolean> connecting = connectBlocked(channel);
    connecting.interrupt();
    connecting.joinFailure(ClosedByInterruptException.class);
    assertTrue(connecting.interruptedAtEnd());
    assertFalse(channel.isOpen());
  }

  @Test
  void closeEndsABlockedFinishConnect() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openNonBlockingSocket();
    assertFalse(channel.connect(full.address()));
    channel.configureBlocking(true);
    Background<Boolean> finishing = spawn(channel::finishConnect);
    finishing.awaitBlocked();
    channel.close();
    finishing.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void pendingConnectIsNotSelected() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openNonBlockingSocket();
    Selector selector = openSelector();
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
    assertFalse(channel.connect(full.address()));
    long start = System.nanoTime();
    assertEquals(0, selector.select(100));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(99));
    assertFalse(channel.finishConnect());
    assertTrue(channel.isConnectionPending());
    assertFalse(channel.isConnected());
    assertThrows(ConnectionPendingException.class, () -> channel.connect(full.address()));
    assertEquals(full.address(), channel.getRemoteAddress());
    assertTrue(channel.toString().contains("[connection-pending"), channel.toString());
    assertTrue(key.isValid());
  }

  @Test
  void pendingConnectSucceedsOnceThereIsRoom() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openNonBlockingSocket();
    assertFalse(channel.connect(full.address()));
    Selector selector = openSelector();
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
    assertEquals(0, selector.selectNow());
    while (selector.select(50) == 0) {
      full.drain();
    }
    assertTrue(key.isConnectable());
    assertTrue(channel.finishConnect());
    assertTrue(channel.isConnected());
  }

  @Test
  void closeOfAPendingConnectInvalidatesItsKeyWhileTheSelectorSleeps() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openNonBlockingSocket();
    Selector selector = openSelector();
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
    assertFalse(channel.connect(full.address()));
    Background<Integer> selecting = spawn(() -> selector.select());
    selecting.awaitBlocked();
    channel.close();
    assertFalse(key.isValid());
    assertThrows(ClosedChannelException.class, channel::finishConnect);
    selector.wakeup();
    selecting.join();
    assertEquals(0, selector.selectNow());
    assertTrue(selector.keys().isEmpty());
  }

  @Test
  void timedConnectOfTheSocketTimesOutAndCloses() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openSocket();
    long start = System.nanoTime();
    SocketTimeoutException e =
        assertThrows(
            SocketTimeoutException.class, () -> channel.socket().connect(full.address(), 150));
    assertEquals("Connect timed out", e.getMessage());
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start + 500_000);
    assertTrue(millis >= 145, "timed out after " + millis + " ms");
    assertFalse(channel.isOpen());
  }

  @Test
  void closeEndsATimedConnectOfTheSocket() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openSocket();
    Background<Void> connecting =
        spawn(
            () -> {
              channel.socket().connect(full.address(), 15_000);
              return null;
            });
    connecting.awaitBlocked();
    channel.close();
    connecting.joinFailure(AsynchronousCloseException.class);
  }
}
