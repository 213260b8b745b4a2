package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinport.aio.TwinAsynchronousChannelProvider;
import io.twinport.support.SwitchFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.Permission;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import sun.nio.ch.DefaultSelectorProvider;

/** A security manager has its say about clients, whichever way they come. */
@Timeout(20)
@EnabledForJreRange(max = JRE.JAVA_17, disabledReason = "later JDKs allow no security manager")
@SuppressWarnings("removal")
final class AcceptPermissionTest extends SwitchFixture {
  private static final class NoClients extends SecurityManager {
    @Override
    public void checkPermission(Permission permission) {
      // Everything else may be done.
    }

    @Override
    public void checkAccept(String host, int port) {
      throw new SecurityException("no clients");
    }
  }

  @Test
  void anAsynchronousListenerTurnsAwayWhoMayNotBeAccepted() throws Exception {
    AsynchronousServerSocketChannel listener =
        closing(
            TwinAsynchronousChannelProvider.of(provider.owner())
                .openAsynchronousServerSocketChannel(null));
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    for (var clients : List.of(provider, DefaultSelectorProvider.get())) {
      SocketChannel client = closing(clients.openSocketChannel());
      client.connect(listener.getLocalAddress());
      System.setSecurityManager(new NoClients());
      Throwable failure;
      try {
        Future<AsynchronousSocketChannel> accepting = listener.accept();
        failure =
            assertThrows(ExecutionException.class, () -> accepting.get(10, TimeUnit.SECONDS))
                .getCause();
      } finally {
        System.setSecurityManager(null);
      }
      assertInstanceOf(SecurityException.class, failure);
      assertEquals("no clients", failure.getMessage());
      assertTurnedAway(client);
    }
  }

  private static void assertTurnedAway(SocketChannel client) {
    try {
      assertEquals(-1, client.read(ByteBuffer.allocate(1)));
    } catch (IOException e) {
      assertEquals("Connection reset", e.getMessage());
    }
  }
}
