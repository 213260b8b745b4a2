package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanTarget;
import io.twinport.spi.SanUnavailableException;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connecting and accepting, both ends in one process (SPEC, sections 1 to 3). */
@Timeout(60)
class ConnectTest {
  @Test
  void connectedBeforeAccept() throws IOException {
    try (Listening listening = Listening.open(5)) {
      SanConnection client = listening.connect();
      assertNotEquals(0, listening.listener.readyEvents(NetworkEvent.ACCEPT));
      Listening.Pair pair = new Listening.Pair(client, listening.listener.accept());
      assertEquals(listening.address(), client.remoteAddress());
      assertEquals(listening.address(), pair.server().localAddress());
      assertEquals(client.localAddress(), pair.server().remoteAddress());
      assertNull(listening.listener.accept());
      Flow.assertEchoes(pair);
      pair.close();
    }
  }

  @Test
  void backlogIsExact() throws IOException {
    try (Listening listening = Listening.open(3)) {
      List<SanConnection> clients = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        while (clients.size() < 3) {
          clients.add(listening.connect());
        }
        assertEquals(
            "Connection refused",
            assertThrows(ConnectException.class, listening::connect).getMessage());
        // One place is free again, and it is one place.
        listening.listener.accept().close();
        clients.remove(0).close();
      }
      clients.forEach(SanConnection::close);
    }
  }

  @Test
  void refusalSignalsNobody() throws IOException {
    try (Listening listening = Listening.open(1)) {
      SanListener listener = listening.listener;
      SanConnection first = listening.connect();
      listener.event().enumerate();
      AtomicInteger posts = new AtomicInteger();
      listener.event().select(listener, counting(posts));
      for (int i = 0; i < 10; i++) {
        assertThrows(ConnectException.class, listening::connect);
      }
      assertEquals(0, posts.get());
      assertEquals(0, listener.event().enumerate());
      first.close();
    }
  }

  @Test
  void eachRequestIsOneAccept() throws IOException {
    try (Listening listening = Listening.open(10)) {
      AtomicInteger posts = new AtomicInteger();
      listening.listener.arm(NetworkEvent.ACCEPT, counting(posts));
      for (int i = 0; i < 4; i++) {
        listening.connect();
      }
      assertEquals(1, posts.get(), "an event that is recorded is not signalled again");
      assertEquals(NetworkEvent.ACCEPT, listening.listener.event().enumerate());
      for (int i = 0; i < 4; i++) {
        listening.listener.accept().close();
      }
      assertNull(listening.listener.accept());
      listening.connect();
      assertEquals(2, posts.get());
    }
  }

  private static Seat counting(AtomicInteger posts) {
    return new Seat(null) {
      @Override
      public void post(SanTarget target) {
        posts.incrementAndGet();
      }
    };
  }

  @Test
  void fullBacklogMaySendClientsToTcp() throws IOException {
    ShmProvider lenient = Listening.started("backlog-full", "tcp");
    try (Listening listening = Listening.open(lenient, InetAddress.getLoopbackAddress(), 1)) {
      SanConnection first = listening.connect();
      assertReason(Reason.BACKLOG_FULL, listening);
      first.close();
    }
  }

  @Test
  void refusedForAReasonMeansTcp() throws IOException {
    try (Listening listening = Listening.open(5)) {
      SanConnection queued = listening.connect();
      listening.listener.refuse(Reason.SWITCHED_OFF);
      assertReason(Reason.SWITCHED_OFF, listening);
      SanConnection accepted = listening.listener.accept();
      assertNotNull(accepted, "what is queued stays");
      Flow.assertEchoes(new Listening.Pair(queued, accepted));
      listening.listener.refuse(null);
      listening.pair().close();
    }
  }

  @Test
  void conditionIsAskedForTheConcreteAddress() throws IOException {
    List<InetSocketAddress> asked = new ArrayList<>();
    try (Listening listening =
        Listening.open(
            5,
            destination -> {
              asked.add(destination);
              return Reason.RULE;
            })) {
      assertReason(Reason.RULE, listening);
      assertEquals(List.of(listening.address()), asked);
    }
  }

  private static void assertReason(Reason reason, Listening listening) {
    assertEquals(reason, assertThrows(SanUnavailableException.class, listening::connect).reason());
  }

  @Test
  void closingResetsTheQueue() throws IOException {
    Listening listening = Listening.open(5);
    List<SanConnection> queued = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      queued.add(listening.connect());
    }
    listening.close();
    for (SanConnection client : queued) {
      assertEquals(
          "Connection reset",
          assertThrows(IOException.class, () -> Flow.read(client, 1)).getMessage());
      client.close();
    }
    assertReason(Reason.NO_TWIN, listening);
    assertThrows(ClosedChannelException.class, listening.listener::accept);
    listening.listener.close();
  }

  @Test
  void listenerOnTheSameAddressIsReachableAtOnce() throws IOException {
    try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress address = (InetSocketAddress) port.getLocalSocketAddress();
      ShmProvider provider = Listening.provider();
      for (int i = 0; i < 50; i++) {
        SanListener listener = provider.listen(address, 2, destination -> null);
        SanConnection client = Listening.connect(provider, address, null);
        SanConnection server = listener.accept();
        Flow.assertEchoes(new Listening.Pair(client, server));
        client.close();
        server.close();
        listener.close();
      }
    }
  }

  @Test
  void addressIsServedOnce() throws IOException {
    try (Listening listening = Listening.open(1)) {
      assertThrows(
          IOException.class,
          () -> listening.through.listen(listening.address(), 1, destination -> null));
      listening.pair().close();
    }
  }

  @Test
  void wildcardIsFoundUnderEveryLocalAddress() throws IOException {
    try (Listening listening = Listening.open(Listening.provider(), address("0.0.0.0"), 5)) {
      int port = listening.address().getPort();
      for (String name : List.of("127.0.0.1", "127.1.2.3")) {
        assertServed(listening, new InetSocketAddress(address(name), port));
      }
      for (InetAddress own : upAddresses()) {
        if (!(own instanceof Inet6Address)) {
          assertServed(listening, new InetSocketAddress(own, port));
        }
      }
    }
  }

  @Test
  void wildcardOfVersion6IsFoundUnderBoth() throws IOException {
    assumeTrue(upAddresses().stream().anyMatch(a -> a instanceof Inet6Address), "no IPv6 here");
    try (Listening listening = Listening.open(Listening.provider(), address("::"), 5)) {
      int port = listening.address().getPort();
      assertServed(listening, new InetSocketAddress(address("::1"), port));
      assertServed(listening, new InetSocketAddress(address("127.0.0.1"), port));
    }
  }

  private static void assertServed(Listening listening, InetSocketAddress destination)
      throws IOException {
    SanConnection client = Listening.connect(listening.through, destination, null);
    SanConnection server = listening.listener.accept();
    assertEquals(destination, client.remoteAddress());
    assertEquals(destination, server.localAddress(), "never the wildcard");
    assertEquals(client.localAddress(), server.remoteAddress());
    assertTrue(
        server.remoteAddress().getAddress().isLoopbackAddress()
            || server.remoteAddress().getAddress().equals(destination.getAddress()));
    client.close();
    server.close();
  }

  private static Set<InetAddress> upAddresses() throws IOException {
    Set<InetAddress> found = new HashSet<>();
    for (NetworkInterface device : NetworkInterface.networkInterfaces().toList()) {
      if (device.isUp()) {
        device.inetAddresses().filter(a -> !a.isLinkLocalAddress()).forEach(found::add);
      }
    }
    return found;
  }

  private static InetAddress address(String literal) throws IOException {
    return InetAddress.getByName(literal);
  }

  @Test
  void boundAddressIsKept() throws IOException {
    try (Listening listening = Listening.open(5);
        ServerSocket reserved = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress bound = (InetSocketAddress) reserved.getLocalSocketAddress();
      SanConnection client = Listening.connect(listening.through, listening.address(), bound);
      SanConnection server = listening.listener.accept();
      assertEquals(bound, client.localAddress());
      assertEquals(bound, server.remoteAddress());
      // Unique among live connections: a second one has to go by TCP, until the first is over.
      assertEquals(
          Reason.BOUND_ADDRESS,
          assertThrows(
                  SanUnavailableException.class,
                  () -> Listening.connect(listening.through, listening.address(), bound))
              .reason());
      client.close();
      server.close();
      Listening.connect(listening.through, listening.address(), bound).close();
      listening.listener.accept().close();
    }
  }

  @Test
  void foreignBoundAddressMeansTcp() throws IOException {
    try (Listening listening = Listening.open(5)) {
      InetSocketAddress elsewhere = new InetSocketAddress(address("192.0.2.1"), 40_000);
      assertEquals(
          Reason.BOUND_ADDRESS,
          assertThrows(
                  SanUnavailableException.class,
                  () -> Listening.connect(listening.through, listening.address(), elsewhere))
              .reason());
      listening.pair().close();
    }
  }

  @Test
  void nobodyListensMeansTcp() throws IOException {
    try (ServerSocket reserved = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress address = (InetSocketAddress) reserved.getLocalSocketAddress();
      SanUnavailableException e =
          assertThrows(
              SanUnavailableException.class,
              () -> Listening.connect(Listening.provider(), address, null));
      assertEquals(Reason.NO_TWIN, e.reason());
    }
  }

  @Test
  void withdrawnRequestIsNeverAccepted() throws Exception {
    try (Listening listening = Listening.open(1000)) {
      listening.pair().close();
      int up = 0;
      for (int i = 0; i < 2000; i++) {
        SanConnection client = listening.through.connect(listening.address(), null);
        if (client.cancelConnect()) {
          assertThrows(IOException.class, client::finishConnect);
        } else {
          assertTrue(client.finishConnect());
          up++;
        }
        if (i % 500 == 499) {
          // What an earlier request left in the rings is taken by now.
          listening.through.poll(true);
          int accepted = 0;
          for (SanConnection server = listening.listener.accept();
              server != null;
              server = listening.listener.accept()) {
            accepted++;
            server.close();
          }
          assertEquals(up, accepted);
          up = 0;
        }
        client.close();
      }
    }
  }

  @Test
  void requestsRaceWithClosingListeners() throws Exception {
    for (int i = 0; i < 100; i++) {
      Listening listening = Listening.open(1000);
      CountDownLatch begun = new CountDownLatch(1);
      AtomicInteger connected = new AtomicInteger();
      Thread client =
          new Thread(
              () -> {
                try {
                  while (true) {
                    SanConnection connection = listening.connect();
                    connected.incrementAndGet();
                    begun.countDown();
                    connection.close();
                  }
                } catch (SanUnavailableException | ConnectException e) {
                  begun.countDown();
                } catch (IOException e) {
                  connected.set(Integer.MIN_VALUE);
                }
              });
      client.start();
      assertTrue(begun.await(20, TimeUnit.SECONDS));
      listening.close();
      client.join(TimeUnit.SECONDS.toMillis(20));
      assertFalse(client.isAlive(), "a connect has no outcome");
      assertTrue(connected.get() > 0);
    }
  }
}
