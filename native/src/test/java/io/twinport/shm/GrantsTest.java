package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.PeerProcess.Role;
import io.twinport.shm.connection.Request;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.rendezvous.TwinNames;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Places of a listener's queue that are granted to clients before they ask. */
@Tag("on-one-jdk")
@Timeout(120)
class GrantsTest {
  private static final int PERMIT = 7;
  private static final int PORT_BASE = 20_000;
  private static final int PATIENCE = 10_000;

  /** A code of {@link Request}. */
  private static final int REFUSED = 3;

  private ServerSocket port;
  private InetSocketAddress address;

  @BeforeEach
  void reservePort() throws IOException {
    port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    address = (InetSocketAddress) port.getLocalSocketAddress();
  }

  @AfterEach
  void releasePort() throws IOException {
    port.close();
  }

  // -- a server that does nothing

  /** One that has accepted a connection, and is stopped. */
  private PeerProcess stopped(Role role) throws Exception {
    PeerProcess server = PeerProcess.start(role, address.getPort());
    SanConnection first = Listening.connect(Listening.provider(), address, null);
    Flow.eventually(PATIENCE, () -> says(server, "count", "1"), "nothing is accepted");
    first.close();
    server.halt();
    return server;
  }

  private static boolean says(PeerProcess server, String question, String answer) {
    try {
      return server.ask(question).equals(answer);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Connects as many as have a place. */
  private List<SanConnection> connectAll() throws IOException {
    List<SanConnection> connected = new ArrayList<>();
    SanConnection next = Listening.provider().connect(address, null);
    while (next.finishConnect()) {
      connected.add(next);
      next = Listening.provider().connect(address, null);
    }
    assertTrue(next.cancelConnect());
    next.close();
    return connected;
  }

  @Test
  void aStoppedServerHasHalfItsBacklog() throws Exception {
    try (PeerProcess server = stopped(Role.ECHO)) {
      List<SanConnection> clients = connectAll();
      int count = clients.size();
      assertTrue(
          count >= PeerProcess.BACKLOG / 2 - 1 && count <= PeerProcess.BACKLOG / 2,
          "connected: " + count);
      for (int i = 0; i < count; i++) {
        SanConnection client = clients.get(i);
        assertFalse(client.cancelConnect());
        assertEquals(0, client.read(ByteBuffer.allocate(1)));
        assertEquals(0, client.available());
        assertEquals(
            NetworkEvent.WRITE, client.readyEvents(NetworkEvent.READ | NetworkEvent.WRITE));
        byte[] bytes = Flow.bytes(i, 1 + 1000 * i);
        assertEquals(bytes.length, client.write(ByteBuffer.wrap(bytes)));
        assertEquals(bytes.length, client.unreadByPeer());
      }
      server.resume();
      for (int i = 0; i < count; i++) {
        byte[] bytes = Flow.bytes(i, 1 + 1000 * i);
        assertArrayEquals(bytes, Flow.read(clients.get(i), bytes.length));
        clients.get(i).shutdownOutput();
        Flow.assertEnd(clients.get(i));
        clients.get(i).close();
      }
      assertEquals(Integer.toString(count + 1), server.ask("count"));
    }
  }

  @Test
  void asMuchIsTakenAsTcpTakes() throws Exception {
    try (PeerProcess server = stopped(Role.ECHO)) {
      SanConnection client = Listening.connect(Listening.provider(), address, null);
      byte[] bytes = Flow.bytes(1, LinkLayout.MAX_UNREAD + 100_000);
      assertEquals(LinkLayout.MAX_UNREAD, Flow.writeNow(client, bytes));
      assertEquals(0, client.readyEvents(NetworkEvent.WRITE));
      CompletableFuture<Void> rest =
          CompletableFuture.runAsync(
              () -> {
                try {
                  byte[] more = new byte[100_000];
                  System.arraycopy(bytes, LinkLayout.MAX_UNREAD, more, 0, more.length);
                  Flow.write(client, more);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      Thread.sleep(300);
      assertFalse(rest.isDone());
      server.resume();
      assertArrayEquals(bytes, Flow.read(client, bytes.length));
      rest.get(PATIENCE, TimeUnit.MILLISECONDS);
      client.close();
    }
  }

  @Test
  void connectWriteAndCloseAtOnce() throws Exception {
    try (PeerProcess server = stopped(Role.SINK)) {
      for (int i = 0; i < 20; i++) {
        SanConnection client = Listening.connect(Listening.provider(), address, null);
        assertEquals(1000, client.write(ByteBuffer.allocate(1000)));
        if (i % 2 == 0) {
          client.shutdownOutput();
        }
        client.close();
      }
      server.resume();
      Flow.eventually(PATIENCE, () -> says(server, "count", "21"), "connections are lost");
      Flow.eventually(PATIENCE, () -> says(server, "bytes", "20000"), "bytes are lost");
      // All slots come back.
      for (int i = 0; i < 3 * LinkLayout.MIN_SLOTS; i++) {
        SanConnection client = Listening.connect(Listening.provider(), address, null);
        client.shutdownOutput();
        Flow.assertEnd(client);
        client.close();
      }
    }
  }

  @Test
  void whatWasSentBeforeADeathArrivesThoughNobodyHasLooked() throws Exception {
    try (PeerProcess server = PeerProcess.start(Role.SINK, address.getPort());
        PeerProcess client = PeerProcess.start(Role.CLIENT_CONNECT, address.getPort())) {
      assertEquals("connected", client.ask("connect"));
      Flow.eventually(PATIENCE, () -> says(server, "count", "1"), "nothing is accepted");
      server.halt();
      assertEquals("sent", client.ask("send"));
      client.kill();
      server.resume();
      Flow.eventually(PATIENCE, () -> says(server, "count", "2"), "the connection is lost");
      String bytes = Integer.toString(PeerProcess.SENT_BYTES);
      Flow.eventually(PATIENCE, () -> says(server, "bytes", bytes), "bytes are lost");
    }
  }

  @Test
  void whoWaitsIsWokenWhenTheServerAnswers() throws Exception {
    try (PeerProcess server = stopped(Role.ECHO)) {
      for (int i = 0; i < 5; i++) {
        SanConnection client = Listening.connect(Listening.provider(), address, null);
        client.write(ByteBuffer.wrap(new byte[] {42}));
        CompletableFuture<byte[]> read = reading(client);
        Thread.sleep(50L * i);
        assertFalse(read.isDone());
        server.resume();
        assertArrayEquals(new byte[] {42}, read.get(PATIENCE, TimeUnit.MILLISECONDS));
        client.close();
        server.halt();
      }
    }
  }

  private static CompletableFuture<byte[]> reading(SanConnection client) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return Flow.read(client, 1);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void aSlotThatIsUsedAgainShowsNothingOld() throws Exception {
    try (PeerProcess server = PeerProcess.start(Role.ECHO, address.getPort())) {
      for (int i = 0; i < 2 * LinkLayout.MIN_SLOTS; i++) {
        SanConnection client = Listening.connect(Listening.provider(), address, null);
        byte[] bytes = Flow.bytes(i, 5000);
        Flow.write(client, bytes);
        assertArrayEquals(bytes, Flow.read(client, bytes.length));
        client.close();
      }
      String accepted = Integer.toString(2 * LinkLayout.MIN_SLOTS);
      Flow.eventually(PATIENCE, () -> says(server, "count", accepted), "connections are lost");
      server.halt();
      List<SanConnection> clients = connectAll();
      assertNotEquals(0, clients.size());
      for (SanConnection client : clients) {
        assertEquals(0, client.available());
        assertEquals(0, client.unreadByPeer());
        assertEquals(0, client.read(ByteBuffer.allocate(100)));
        assertEquals(5, client.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5})));
      }
      server.resume();
      for (SanConnection client : clients) {
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, Flow.read(client, 5));
        client.close();
      }
    }
  }

  private static final int CROWD = 6;
  private static final long CROWD_NANOS = TimeUnit.SECONDS.toNanos(4);

  /** Clients of two links, and a server that stands still now and then: each byte once. */
  @Test
  void crowd() throws Exception {
    ShmProvider[] providers = {Listening.provider(), Listening.started("log", "error")};
    try (PeerProcess server = PeerProcess.start(Role.ECHO, address.getPort())) {
      long end = System.nanoTime() + CROWD_NANOS;
      AtomicInteger connected = new AtomicInteger();
      List<CompletableFuture<Void>> clients = new ArrayList<>();
      ExecutorService threads = Executors.newFixedThreadPool(CROWD);
      for (int i = 0; i < CROWD; i++) {
        ShmProvider provider = providers[i % 2];
        long seed = i;
        clients.add(
            CompletableFuture.runAsync(
                () -> {
                  try (BellSeat seat = BellSeat.of(provider)) {
                    Random random = new Random(seed);
                    while (System.nanoTime() - end < 0) {
                      connected.addAndGet(talk(provider, seat, random));
                    }
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                },
                threads));
      }
      while (System.nanoTime() - end < 0) {
        Thread.sleep(150);
        server.halt();
        Thread.sleep(100);
        server.resume();
      }
      for (CompletableFuture<Void> client : clients) {
        client.get(2 * PATIENCE, TimeUnit.MILLISECONDS);
      }
      threads.shutdown();
      assertTrue(connected.get() > CROWD);
      String all = connected.toString();
      Flow.eventually(PATIENCE, () -> says(server, "count", all), "connections too few or many");
    }
  }

  /** Returns how many connections there were: none where the backlog was full. */
  private int talk(ShmProvider provider, BellSeat seat, Random random) throws IOException {
    SanConnection client = provider.connect(address, null);
    try {
      while (!client.finishConnect()) {
        seat.await(client, NetworkEvent.CONNECT, 100);
      }
    } catch (IOException e) {
      client.close();
      return 0;
    }
    byte[] bytes = Flow.bytes(random.nextLong(), 1 + random.nextInt(10_000));
    ByteBuffer src = ByteBuffer.wrap(bytes);
    if (random.nextInt(4) == 0) {
      // Enough to tell this connection from what was in its slot before.
      assertEquals(bytes.length, client.write(src));
      client.close();
      return 1;
    }
    Flow.write(client, src, seat);
    if (random.nextBoolean()) {
      client.shutdownOutput();
    }
    ByteBuffer dst = ByteBuffer.allocate(bytes.length);
    while (dst.hasRemaining()) {
      assertTrue(Flow.read(client, dst, seat) > 0, "the end comes early");
    }
    assertArrayEquals(bytes, dst.array());
    client.close();
    return 1;
  }

  // -- clients by hand

  private static ForgedPeer client(Listening listening) throws IOException {
    ForgedPeer client = ForgedPeer.client(listening.address());
    client.hello();
    client.segment(0);
    client.askPermit(PERMIT, listening.address());
    return client;
  }

  private static int verdict(ForgedPeer client, int slot, int generation)
      throws InterruptedException {
    Flow.eventually(PATIENCE, () -> isFinal(client.verdict(slot, generation)), "no verdict");
    return client.verdict(slot, generation);
  }

  private static boolean isFinal(int code) {
    return code > Request.ADMITTED;
  }

  private static int acceptAll(Listening listening) throws IOException {
    int count = 0;
    for (SanConnection next = listening.listener.accept();
        next != null;
        next = listening.listener.accept()) {
      next.close();
      count++;
    }
    return count;
  }

  @Test
  void theBacklogIsShared() throws Exception {
    try (Listening listening = Listening.open(8);
        ForgedPeer one = client(listening)) {
      assertEquals(4, one.granted());
      try (ForgedPeer other = client(listening)) {
        assertEquals(2, one.granted());
        assertEquals(2, other.granted());
        // One has taken its places, and nobody has heard of it.
        one.write(0, 1, PERMIT, 1);
        one.write(1, 1, PERMIT, 2);
        one.claimed(2);
        for (int slot = 0; slot < 8; slot++) {
          other.ask(slot, 1, PERMIT);
          assertEquals(
              slot < 6 ? Request.CONFIRMED : REFUSED, verdict(other, slot, 1), "slot " + slot);
        }
        assertEquals(0, other.granted());
        // Whoever refuses looks for the others' requests.
        assertEquals(Request.CONFIRMED, verdict(one, 0, 1));
        assertEquals(Request.CONFIRMED, verdict(one, 1, 1));
        assertEquals(8, listening.listener.queued());
        assertEquals(8, acceptAll(listening));
        one.ask(2, 1, PERMIT);
        assertEquals(Request.CONFIRMED, verdict(one, 2, 1));
      }
    }
  }

  @Test
  void whatIsNotClaimedIsTakenBackForOthers() throws Exception {
    try (Listening listening = Listening.open(1);
        ForgedPeer one = client(listening);
        ForgedPeer other = client(listening)) {
      assertEquals(1, one.granted());
      assertEquals(0, other.granted());
      other.ask(0, 1, PERMIT);
      assertEquals(Request.CONFIRMED, verdict(other, 0, 1));
      assertEquals(0, one.granted());
      one.write(0, 1, PERMIT, 1);
      one.claimed(1);
      one.push(0);
      assertEquals(REFUSED, verdict(one, 0, 1));
      assertEquals(1, acceptAll(listening));
      // The next place is granted behind the claim that was in vain.
      one.ask(1, 1, PERMIT);
      assertEquals(Request.CONFIRMED, verdict(one, 1, 1));
      assertEquals(1, acceptAll(listening));
      Flow.eventually(PATIENCE, () -> one.granted() + other.granted() > 0, "nobody is fed");
      assertTrue(one.granted() == 2 || other.granted() == 1);
    }
  }

  @Test
  void aRequestWhoseClaimIsNotSeenWaits() throws Exception {
    try (Listening listening = Listening.open(4);
        ForgedPeer client = client(listening)) {
      client.write(0, 1, PERMIT, 1);
      client.push(0);
      Thread.sleep(100);
      assertEquals(-1, client.verdict(0, 1));
      client.claimed(1);
      client.push(0);
      assertEquals(Request.CONFIRMED, verdict(client, 0, 1));
      assertEquals(1, acceptAll(listening));
    }
  }

  @Test
  void claimsWithoutRequestsEndTheLink() throws Exception {
    try (Listening listening = Listening.open(2);
        ForgedPeer hoarder = client(listening);
        ForgedPeer honest = client(listening)) {
      hoarder.claimed(1);
      honest.ask(0, 1, PERMIT);
      assertEquals(Request.CONFIRMED, verdict(honest, 0, 1));
      honest.ask(1, 1, PERMIT);
      assertEquals(REFUSED, verdict(honest, 1, 1));
      hoarder.expectEnd();
      int generation = 1;
      do {
        assertTrue(generation < 100, "the place does not come back");
        Thread.sleep(20);
        honest.ask(2, ++generation, PERMIT);
      } while (verdict(honest, 2, generation) != Request.CONFIRMED);
      assertEquals(2, acceptAll(listening));
    }
  }

  /** A claim was relied on when others' places were taken back; it is unsaid later. */
  @Test
  void claimsThatAreUnsaidEndTheLink() throws Exception {
    try (Listening listening = Listening.open(4);
        ForgedPeer hoarder = client(listening);
        ForgedPeer honest = client(listening)) {
      assertEquals(1, honest.granted());
      hoarder.claimed(1);
      for (int slot = 0; slot < 3; slot++) {
        honest.ask(slot, 1, PERMIT);
        assertEquals(Request.CONFIRMED, verdict(honest, slot, 1));
      }
      assertEquals(0, honest.granted());
      hoarder.claimed(0);
      honest.ask(3, 1, PERMIT);
      assertEquals(REFUSED, verdict(honest, 3, 1));
      hoarder.expectEnd();
      assertEquals(3, acceptAll(listening));
    }
  }

  /** Also where nobody looks at the rings any more. */
  @Test
  void closingDeniesWhatIsClaimed() throws Exception {
    try (Listening listening = Listening.open(4);
        ForgedPeer client = client(listening)) {
      client.write(0, 1, PERMIT, 1);
      // It waits for bytes, and for no verdict.
      Memory.putLong(client.slot(0) + LinkLayout.CONNECT_ARM, 0);
      Memory.putLong(client.slot(0) + LinkLayout.READ_ARM, 0);
      client.claimed(1);
      long told = Memory.getLongAcquire(client.victims + LinkLayout.RING_TAIL);
      listening.listener.close();
      assertEquals(1, client.granted());
      assertEquals(Request.NO_LISTENER, verdict(client, 0, 1));
      Flow.eventually(
          PATIENCE,
          () -> Memory.getLongAcquire(client.victims + LinkLayout.RING_TAIL) > told,
          "nobody is told");
    }
  }

  /** Whoever closes a listener denies what others look for at the same moment. */
  @Test
  void closingWhileOthersAreRefusedEndsNoLink() throws Exception {
    for (int round = 0; round < 50; round++) {
      try (Listening listening = Listening.open(2);
          ForgedPeer one = client(listening);
          ForgedPeer other = client(listening)) {
        long granted = one.granted();
        for (int i = 0; i < granted; i++) {
          one.write(i, 1, PERMIT, i + 1);
        }
        one.claimed(granted);
        for (int slot = 0; slot < 3; slot++) {
          other.ask(slot, 1, PERMIT);
        }
        listening.listener.close();
        one.push(0);
        assertTrue(isFinal(verdict(one, 0, 1)));
        one.expect(LinkMessages.REVOKED);
        assertFalse(one.hasMessage(), "the link ends");
      }
    }
  }

  @Test
  void refusingTakesBackWhatIsNotClaimed() throws Exception {
    try (Listening listening = Listening.open(4);
        ForgedPeer client = client(listening)) {
      client.write(0, 1, PERMIT, 1);
      client.claimed(1);
      listening.listener.refuse(Reason.SWITCHED_OFF);
      assertEquals(1, client.granted());
      client.push(0);
      assertEquals(Request.CONFIRMED, verdict(client, 0, 1), "it was connected before");
      client.write(1, 1, PERMIT, 2);
      client.claimed(2);
      client.push(1);
      assertEquals(Request.USE_TCP, verdict(client, 1, 1));
      assertEquals(1, client.granted());
      listening.listener.refuse(null);
      assertEquals(3, client.granted(), "one more, behind both claims");
      assertEquals(1, acceptAll(listening));
    }
  }

  @Test
  void anAddressThatIsTakenIsNotClaimable() throws Exception {
    boolean[] free = {false};
    AcceptCondition condition =
        new AcceptCondition() {
          @Override
          public Reason check(InetSocketAddress destination) {
            return null;
          }

          @Override
          public boolean isFree(InetSocketAddress remote) {
            return free[0];
          }
        };
    try (Listening listening = Listening.open(4, condition);
        ForgedPeer client = client(listening)) {
      client.write(0, 1, PERMIT, 1);
      client.claimed(1);
      client.push(0);
      assertEquals(Request.USE_TCP, verdict(client, 0, 1));
      assertEquals(1, Memory.getLong(client.victimsSlot(0) + LinkLayout.UNCLAIMABLE));
      free[0] = true;
      client.ask(0, 2, PERMIT);
      assertEquals(Request.CONFIRMED, verdict(client, 0, 2));
      // Whoever had the address may come again.
      assertEquals(1, Memory.getLong(client.victimsSlot(0) + LinkLayout.UNCLAIMABLE));
      assertEquals(1, acceptAll(listening));
    }
  }

  /** Whatever clients write: the queue is bounded, and others are served. */
  @Test
  void forgedClaims() throws Exception {
    Random random = new Random(1);
    long[] likely = {0, 1, 2, 3, 8, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32, 100};
    int backlog = 8;
    for (int round = 0; round < 20; round++) {
      try (Listening listening = Listening.open(backlog);
          ForgedPeer one = client(listening);
          ForgedPeer other = client(listening)) {
        ForgedPeer[] peers = {one, other};
        int[] generations = new int[LinkLayout.MIN_SLOTS];
        for (int step = 0; step < 300; step++) {
          ForgedPeer peer = peers[random.nextInt(2)];
          int slot = random.nextInt(LinkLayout.MIN_SLOTS - 1);
          switch (random.nextInt(5)) {
            case 0 -> peer.claimed(likely[random.nextInt(likely.length)]);
            case 1 -> peer.claimed(peer.granted() + random.nextInt(5) - 2);
            case 2 -> {
              if (random.nextInt(8) == 0) {
                acceptAll(listening);
              }
            }
            default -> {
              long claim =
                  random.nextBoolean()
                      ? likely[random.nextInt(likely.length)]
                      : peer.granted() - random.nextInt(3);
              peer.write(slot, ++generations[slot], PERMIT, claim);
              peer.pushUnheard(slot);
              listening.through.poll(true);
            }
          }
          int queued = listening.listener.queued();
          assertTrue(queued <= backlog, () -> queued + " in a queue of " + backlog);
        }
        acceptAll(listening);
        for (int i = 0; i < 10; i++) {
          // The first may be refused, for whom those are found out that keep places, or whose
          // requests nobody has heard of.
          SanConnection client = listening.through.connect(listening.address(), null);
          try (BellSeat seat = BellSeat.of(listening.through)) {
            seat.await(client, NetworkEvent.CONNECT, Listening.MILLIS);
          }
          try {
            assertTrue(client.finishConnect());
            break;
          } catch (IOException e) {
            assertTrue(i < 9, "nobody else is served");
            Thread.sleep(50);
            acceptAll(listening);
          }
        }
        acceptAll(listening);
      }
    }
  }

  @Test
  void nobodyAsksInAPermitsSlot() throws Exception {
    try (Listening listening = Listening.open(4);
        ForgedPeer client = client(listening)) {
      client.ask(ForgedPeer.SLOTS - 1, 1, PERMIT);
      Thread.sleep(100);
      assertEquals(-1, client.verdict(ForgedPeer.SLOTS - 1, 1));
      client.send(LinkMessages.askPermit(PERMIT + 1, 0, ForgedPeer.SLOTS - 1, listening.address()));
      client.expectEnd();
    }
  }

  // -- a server by hand

  /** Has a client connect with as many places granted; returns where it has put its request. */
  private int serve(ForgedPeer server, long granted, boolean claimable) throws Exception {
    server.welcome();
    for (int slot = 0; slot < ForgedPeer.SLOTS; slot++) {
      Memory.putLong(server.slot(slot) + LinkLayout.UNCLAIMABLE, claimable ? 0 : 1);
      // From an earlier use: not to be looked at.
      Memory.putLong(server.slot(slot) + LinkLayout.TAIL, 77);
      Memory.putLong(server.slot(slot) + LinkLayout.HEAD, 77);
    }
    server.grant(PORT_BASE);
    ByteBuffer asked = server.expect(LinkMessages.ASK_PERMIT).body;
    int permit = asked.getInt();
    asked.getInt();
    Memory.putLongRelease(server.slot(asked.getInt()) + LinkLayout.GRANTED, granted);
    server.send(LinkMessages.number(LinkMessages.PERMITTED, permit));
    int[] found = {-1};
    Flow.eventually(
        PATIENCE,
        () -> {
          for (int slot = 0; slot < ForgedPeer.SLOTS; slot++) {
            long state = Memory.getLongAcquire(server.victimsSlot(slot) + LinkLayout.STATE);
            if ((state & LinkLayout.REQUESTED) != 0) {
              found[0] = slot;
            }
          }
          return found[0] >= 0;
        },
        "no request");
    return found[0];
  }

  private static int generation(ForgedPeer server, int slot) {
    return LinkLayout.generation(
        Memory.getLongAcquire(server.victimsSlot(slot) + LinkLayout.STATE));
  }

  private static void decide(ForgedPeer server, int slot, int code) {
    Memory.putLongRelease(
        server.slot(slot) + LinkLayout.VERDICT,
        LinkLayout.verdict(generation(server, slot), code, 0));
    server.push(slot);
  }

  @Test
  void deniedAfterAll() throws Exception {
    Listening.provider();
    for (int code : new int[] {Request.NO_LISTENER, Request.USE_TCP, Request.DROPPED, 99}) {
      for (long granted : new long[] {1, Long.MAX_VALUE}) {
        anotherPort();
        int name = UnixSocket.listen(TwinNames.of(address), 10);
        SanConnection client = Listening.provider().connect(address, null);
        try (ForgedPeer server = ForgedPeer.server(name)) {
          int slot = serve(server, granted, true);
          Flow.eventually(PATIENCE, () -> isConnected(client), "not connected");
          assertEquals(3, client.write(ByteBuffer.allocate(3)));
          CompletableFuture<String> read =
              CompletableFuture.supplyAsync(
                  () ->
                      assertThrows(SocketException.class, () -> Flow.read(client, 1)).getMessage());
          Thread.sleep(50);
          assertFalse(read.isDone());
          decide(server, slot, code);
          assertEquals("Connection reset", read.get(PATIENCE, TimeUnit.MILLISECONDS));
          assertTrue(client.finishConnect());
          client.close();
          client.close();
        }
        Posix.close(name);
      }
    }
  }

  /** Nobody has a link to who was at the last one. */
  private void anotherPort() throws IOException {
    port.close();
    reservePort();
  }

  private static boolean isConnected(SanConnection client) {
    try {
      return client.finishConnect();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void noClaimWhereThereMayBeNone() throws Exception {
    Listening.provider();
    for (long granted : new long[] {0, -1, Long.MIN_VALUE, 1}) {
      anotherPort();
      int name = UnixSocket.listen(TwinNames.of(address), 10);
      SanConnection client = Listening.provider().connect(address, null);
      try (ForgedPeer server = ForgedPeer.server(name)) {
        int slot = serve(server, granted, granted < 1);
        assertEquals(0, Memory.getLong(server.victimsSlot(slot) + LinkLayout.CLAIM));
        assertFalse(client.finishConnect());
        assertTrue(client.cancelConnect());
        client.close();
      }
      Posix.close(name);
    }
  }

  @Test
  void aRequestWithABoundAddressClaimsNothing() throws Exception {
    try (Listening listening = Listening.open(5);
        ServerSocket reserved = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listening.pair().close();
      InetSocketAddress bound = (InetSocketAddress) reserved.getLocalSocketAddress();
      SanConnection client = Listening.connect(listening.through, listening.address(), bound);
      assertNotEquals(null, listening.accept());
      client.close();
      assertNull(listening.listener.accept());
    }
  }

  /** Until it is taken up its own words count, and from then on the server's. */
  @Test
  void theServersWordsCountFromItsVerdictOn() throws Exception {
    Listening.provider();
    int name = UnixSocket.listen(TwinNames.of(address), 10);
    SanConnection client = Listening.provider().connect(address, null);
    try (ForgedPeer server = ForgedPeer.server(name)) {
      int slot = serve(server, 1, true);
      Flow.eventually(PATIENCE, () -> isConnected(client), "not connected");
      assertEquals(0, client.available());
      assertEquals(3, client.write(ByteBuffer.allocate(3)));
      assertEquals(3, client.unreadByPeer());
      client.shutdownOutput();
      long state = Memory.getLongAcquire(server.victimsSlot(slot) + LinkLayout.STATE);
      assertNotEquals(0, state & LinkLayout.REQUESTED, "the request stands there");
      assertNotEquals(0, state & LinkLayout.FIN);
      long at = server.slot(slot);
      Memory.putLong(at + LinkLayout.TAIL, 0);
      Memory.putLong(at + LinkLayout.HEAD, 3);
      Memory.putLong(at + LinkLayout.READ_ARM, LinkLayout.NOT_ARMED);
      Memory.putLong(at + LinkLayout.SPACE_ARM, LinkLayout.NOT_ARMED);
      int generation = generation(server, slot);
      server.state(slot, generation, LinkLayout.OPEN);
      assertEquals(3, client.unreadByPeer());
      decide(server, slot, Request.CONFIRMED);
      assertEquals(0, client.unreadByPeer());
      server.state(slot, generation, LinkLayout.OPEN | LinkLayout.FIN);
      Flow.assertEnd(client);
      client.close();
    }
    Posix.close(name);
  }
}
