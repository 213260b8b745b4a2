package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.shm.connection.Request;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile peer writes to shared memory: streams, arms, events and requests. */
@Tag("on-one-jdk")
@SuppressWarnings("ImmutableEnumChecker") // The lambdas capture nothing.
class HostileMemoryTest extends HostilePeer {
  private static final long DATA = LinkLayout.reference(1, 0, LinkLayout.MIN_CHUNK_LOG2);

  /** What a hostile client writes about its stream, and what becomes of it. */
  enum Forgery {
    TAIL_FAR_AHEAD(p -> p.put(LinkLayout.TAIL, LinkLayout.MAX_UNREAD + 1L), true),
    TAIL_AT_THE_END_OF_TIME(p -> p.put(LinkLayout.TAIL, Long.MAX_VALUE), true),
    TAIL_NEGATIVE(p -> p.put(LinkLayout.TAIL, -1), true),
    NO_EXTENTS(p -> p.put(LinkLayout.TAIL, 10), true),
    EXTENTS_OUT_OF_RANGE(
        p -> {
          p.put(LinkLayout.EXTENT_COUNT, -5);
          p.put(LinkLayout.TAIL, 10);
        },
        true),
    UNKNOWN_SEGMENT(p -> p.stream(0, LinkLayout.reference(77, 0, 12)), false),
    UNKNOWN_SEGMENT_AND_CLOSED(
        p -> {
          p.stream(0, LinkLayout.reference(77, 0, 12));
          p.peer.state(0, 1, LinkLayout.OPEN | LinkLayout.FIN | LinkLayout.CLOSED);
        },
        false),
    UNKNOWN_SEGMENT_BEHIND_A_KNOWN_ONE(
        p -> {
          p.peer.extent(0, 0, LinkLayout.reference(77, 0, 12));
          p.peer.extent(1, 0, DATA);
          p.put(LinkLayout.EXTENT_COUNT, 2);
          p.put(LinkLayout.TAIL, 10);
        },
        false),
    SEGMENT_ZERO(p -> p.stream(0, LinkLayout.reference(0, 0, 12)), true),
    SEGMENT_NEGATIVE(p -> p.stream(0, LinkLayout.reference(-3, 0, 12)), true),
    CHUNK_BEHIND_THE_SEGMENT(p -> p.stream(0, LinkLayout.reference(1, 1 << 20, 12)), true),
    CHUNK_FAR_BEHIND_THE_SEGMENT(p -> p.stream(0, 1L << 32 | 0xffffff0cL), true),
    CHUNK_TOO_LARGE(p -> p.stream(0, LinkLayout.reference(1, 0, 22)), true),
    CHUNK_OF_MOST_BITS(p -> p.stream(0, 1L << 32 | 63), true),
    CHUNK_TOO_SMALL(p -> p.stream(0, 1L << 32 | 3), true),
    CHUNK_ELSEWHERE(p -> p.stream(5, DATA), true),
    EMPTY_EXTENTS_WITHOUT_END(
        p -> {
          for (int i = 0; i < LinkLayout.EXTENTS; i++) {
            p.peer.extent(i, 0, DATA);
          }
          p.put(LinkLayout.EXTENT_COUNT, Long.MAX_VALUE);
          p.put(LinkLayout.TAIL, 10);
        },
        true);

    private final Attack attack;
    private final boolean reset;

    Forgery(Attack attack, boolean reset) {
      this.attack = attack;
      this.reset = reset;
    }
  }

  @FunctionalInterface
  private interface Attack {
    void on(Words words);
  }

  /** The words of slot 0. */
  private record Words(ForgedPeer peer) {
    void put(int field, long value) {
      peer.put(field, value);
    }

    /** Ten bytes, in one chunk. */
    void stream(long start, long reference) {
      peer.extent(0, start, reference);
      put(LinkLayout.EXTENT_COUNT, 1);
      put(LinkLayout.TAIL, 10);
    }
  }

  @ParameterizedTest
  @EnumSource
  void forgedStream(Forgery forgery) throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address());
        BellSeat seat = BellSeat.of(listening.through)) {
      peer.data(1, 1 << 12);
      SanConnection victim = accept(peer);
      forgery.attack.on(new Words(peer));
      peer.push(0);
      ByteBuffer dst = ByteBuffer.allocate(100);
      if (forgery.reset) {
        assertNotEquals(0, seat.await(victim, NetworkEvent.READ, 1_000));
        assertEquals(
            "Connection reset",
            assertThrows(SocketException.class, () -> victim.read(dst)).getMessage());
        assertNotEquals(0, victim.readyEvents(NetworkEvent.READ));
        assertThrows(IOException.class, () -> victim.write(ByteBuffer.allocate(1)));
      } else {
        // Such bytes may still come, so there is nothing to read; but nobody is sent round.
        seat.await(victim, NetworkEvent.READ, 200);
        assertEquals(0, victim.read(dst));
        assertEquals(0, seat.await(victim, NetworkEvent.READ, 200));
      }
      victim.close();
    }
  }

  @Test
  void whatAPeerKeepsCountsBeyondTheLink() throws Exception {
    ForgedPeer peer = ForgedPeer.connected(listening.address());
    SanConnection victim = accept(peer);
    int idle = Flow.usedKiB(listening.through);
    assertTrue(victim.write(ByteBuffer.allocate(1 << 20)) > 0);
    ForgedPeer.Message data = peer.receive();
    while (data.type != LinkMessages.DATA) {
      data = peer.receive();
    }
    int kept = Posix.duplicate(data.fds[0]);
    int segment = data.body.getInt(Byte.BYTES + Integer.BYTES) / 1024;
    peer.close();
    victim.close();
    String keeps = ", of which peers keep " + segment + " KiB that were given up";
    Flow.eventually(
        10_000, () -> listening.through.describe().contains(keeps), "what is kept is not counted");
    Posix.close(kept);
    Flow.eventually(
        20_000,
        () ->
            Flow.usedKiB(listening.through) < idle
                && !listening.through.describe().contains("peers keep"),
        "memory that nobody has any more is counted");
  }

  @Test
  void rightStreamsAreRead() throws Exception {
    // That the forger could do it right shows that the others fail for what they do wrong.
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      long address = peer.data(1, 1 << 12);
      SanConnection victim = accept(peer);
      Memory.copy("0123456789".getBytes(StandardCharsets.US_ASCII), 0, address, 10);
      new Words(peer).stream(0, DATA);
      peer.push(0);
      assertEquals("0123456789", new String(Flow.read(victim, 10), StandardCharsets.US_ASCII));
      peer.put(LinkLayout.TAIL, 5);
      peer.push(0);
      assertThrows(SocketException.class, () -> victim.read(ByteBuffer.allocate(1)), "backwards");
      victim.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE})
  void forgedHead(long head) throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      SanConnection victim = accept(peer);
      assertEquals(10, victim.write(ByteBuffer.allocate(10)));
      peer.put(LinkLayout.HEAD, head);
      assertThrows(
          SocketException.class,
          () -> {
            for (int i = 0; i < 10 * LinkLayout.MAX_UNREAD; i += 1 << 16) {
              victim.write(ByteBuffer.allocate(1 << 16));
            }
          });
      victim.close();
    }
  }

  @Test
  void randomWords() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
        peer.data(1, 1 << 16);
        SanConnection victim = accept(peer);
        ByteBuffer buffer = ByteBuffer.allocate(100_000);
        for (int k = 0; k < 100; k++) {
          int field = 8 * random.nextInt(LinkLayout.SLOT_BYTES / 8);
          peer.put(field, random.nextLong() >> random.nextInt(64));
          if (k % 10 == 0) {
            peer.push(0);
          }
          try {
            victim.read(buffer.clear());
            victim.write(buffer.clear().limit(random.nextInt(1000)));
          } catch (IOException e) {
            // As it should be, most of the time.
          }
          victim.readyEvents(-1);
          victim.available();
          if (random.nextInt(50) == 0) {
            victim.shutdownOutput();
          }
        }
        if (i % 2 == 0) {
          victim.close();
        } else {
          victim.abort();
        }
        // What the words say now may be a request.
        peer.push(0);
      }
    }
  }

  @Test
  void dataIsTakenAwayWhileItIsRead() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
        SanConnection victim = accept(peer);
        peer.data(1, LinkLayout.MAX_UNREAD);
        peer.extent(0, 0, LinkLayout.reference(1, 0, 22));
        peer.put(LinkLayout.EXTENT_COUNT, 1);
        peer.put(LinkLayout.TAIL, LinkLayout.MAX_UNREAD);
        Flow.read(victim, 1);
        peer.send(LinkMessages.number(LinkMessages.DROP_DATA, 1));
        Flow.read(victim, LinkLayout.MAX_UNREAD - 1);
        victim.close();
      }
    }
  }

  @Test
  void bellThatWouldBlock() throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      // Nothing to read, and a read may wait: one that does would never come back.
      int wire = peer.open(Posix.eventfd());
      peer.send(LinkMessages.number(LinkMessages.BELL, 1), wire);
      Posix.setBlocking(wire, true);
      Memory.putLongRelease(peer.board + LinkLayout.SEAT_BYTES, 1);
      peer.put(LinkLayout.READ_SEAT, 1);
      peer.put(LinkLayout.READ_ARM, 0);
      SanConnection victim = accept(peer);
      // The message has been handled once this one is answered.
      peer.send(LinkMessages.askPermit(8, 0, 5, listening.address()));
      peer.expect(LinkMessages.PERMITTED);
      assertEquals(1, victim.write(ByteBuffer.allocate(1)));
      victim.shutdownOutput();
      victim.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1023, 1024, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE})
  void forgedSeat(long seat) throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      peer.put(LinkLayout.READ_SEAT, seat);
      peer.put(LinkLayout.SPACE_SEAT, seat);
      peer.put(LinkLayout.READ_ARM, 0);
      Memory.putLongRelease(peer.board, seat);
      SanConnection victim = accept(peer);
      assertEquals(1, victim.write(ByteBuffer.allocate(1)));
      victim.close();
    }
  }

  // -- In the event rings, and as requests

  @ParameterizedTest
  @ValueSource(ints = {-1, ForgedPeer.SLOTS, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void eventForNoSlot(int event) throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      SanConnection victim = accept(peer);
      peer.push(event);
      peer.expectEnd();
      Flow.assertReset(victim);
      victim.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, ForgedPeer.SLOTS + 2, Long.MAX_VALUE, Long.MIN_VALUE, 0})
  void eventRingOutOfRange(long tail) throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      SanConnection victim = accept(peer);
      Memory.putLongRelease(peer.own + LinkLayout.RING_TAIL, tail);
      peer.ring();
      peer.expectEnd();
      Flow.assertReset(victim);
      victim.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1 << 20, Long.MAX_VALUE, Long.MIN_VALUE})
  void eventRingsReaderOutOfRange(long head) throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      SanConnection victim = accept(peer);
      Memory.putLongRelease(peer.own + LinkLayout.RING_HEAD, head);
      peer.put(LinkLayout.READ_ARM, 0);
      for (int i = 0; i < 200; i++) {
        peer.put(LinkLayout.READ_ARM, i);
        assertEquals(1, victim.write(ByteBuffer.allocate(1)));
      }
      victim.close();
    }
  }

  @Test
  void requestsForNothing() throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      accept(peer).close();
      for (int permit : new int[] {0, -1, 8, Integer.MAX_VALUE}) {
        peer.ask(3, 100 + permit, permit);
        int generation = 100 + permit;
        long refused = LinkLayout.verdict(generation, Request.NO_LISTENER, 0);
        Flow.eventually(
            5_000,
            () -> Memory.getLongAcquire(peer.victimsSlot(3) + LinkLayout.VERDICT) == refused,
            "no verdict");
      }
    }
  }

  @Test
  void slotIsUsedAgainBeforeItIsFree() throws Exception {
    try (ForgedPeer peer = ForgedPeer.connected(listening.address())) {
      SanConnection victim = accept(peer);
      assertEquals(3, victim.write(ByteBuffer.allocate(3)));
      peer.ask(0, 2, 7);
      Thread.sleep(50);
      assertEquals(3, victim.write(ByteBuffer.allocate(3)));
      victim.close();
    }
  }
}
