package io.twinport.shm.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.shm.Flow;
import io.twinport.shm.Listening;
import io.twinport.shm.ShmProvider;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of ids and counters at their end. */
@Timeout(60)
class LifetimesTest {
  private static final int SEGMENTS = 4;
  private static final int MANY = 64 + 128 + 256 + 1;

  private ShmProvider provider;

  @BeforeEach
  void anotherLink() throws IOException {
    provider = Listening.started("log", "error");
  }

  private Listening listen() throws IOException {
    return Listening.open(provider, InetAddress.getLoopbackAddress(), 64);
  }

  /** On a busy machine, a provider's first answers may take longer than a connect waits for one. */
  private static Listening.Pair pair(Listening listening) throws IOException {
    while (true) {
      try {
        return listening.pair();
      } catch (SanUnavailableException e) {
        if (e.reason() != Reason.TIMEOUT) {
          throw e;
        }
      }
    }
  }

  private static ClientLink link(SanConnection client) {
    return (ClientLink) ((ShmConnection) client).link();
  }

  private static void assertTalks(Listening.Pair pair) throws IOException {
    Flow.write(pair.client(), new byte[] {1, 2, 3});
    assertArrayEquals(new byte[] {1, 2, 3}, Flow.read(pair.server(), 3));
    Flow.write(pair.server(), new byte[] {4});
    assertArrayEquals(new byte[] {4}, Flow.read(pair.client(), 1));
  }

  @Test
  void segmentsBehindTheLastIdTakeFreeOnes() throws Exception {
    for (int end :
        new int[] {LinkLayout.SEGMENT_IDS - 1, LinkLayout.SEGMENT_IDS, Integer.MAX_VALUE, -1}) {
      anotherLink();
      try (Listening listening = listen()) {
        List<Listening.Pair> pairs = new ArrayList<>();
        pairs.add(pair(listening));
        ClientLink link = link(pairs.get(0).client());
        link.nextSegmentId = end;
        while (pairs.size() < MANY) {
          pairs.add(pair(listening));
        }
        assertEquals(
            SEGMENTS, Arrays.stream(link.segments()).map(segment -> segment.id).distinct().count());
        for (Listening.Pair pair : pairs) {
          assertTalks(pair);
          assertEquals(link, link(pair.client()));
        }
        pairs.forEach(Listening.Pair::close);
      }
    }
  }

  @Test
  void permitsBehindTheLastIdTakeFreeOnes() throws Exception {
    List<Listening> listenings = new ArrayList<>();
    List<Listening.Pair> pairs = new ArrayList<>();
    for (int start : new int[] {0, 0, -1, Integer.MAX_VALUE - 1, Integer.MAX_VALUE}) {
      if (!pairs.isEmpty()) {
        link(pairs.get(0).client()).permits.nextId.set(start);
      }
      for (int i = 0; i < 3; i++) {
        listenings.add(listen());
        pairs.add(pair(listenings.get(listenings.size() - 1)));
      }
    }
    for (Listening.Pair pair : pairs) {
      assertTalks(pair);
      pair.close();
    }
    for (Listening listening : listenings) {
      listening.close();
    }
  }

  @Test
  void dataSegmentsBehindTheLastIdTakeFreeOnes() throws Exception {
    try (Listening listening = listen()) {
      Listening.Pair first = pair(listening);
      assertTalks(first);
      link(first.client()).chunks().startIdsAt(Integer.MAX_VALUE);
      byte[] burst = new byte[LinkLayout.MAX_UNREAD];
      new Random(1).nextBytes(burst);
      List<Listening.Pair> pairs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Listening.Pair pair = pair(listening);
        pairs.add(pair);
        ByteBuffer rest = ByteBuffer.wrap(burst);
        while (rest.hasRemaining()) {
          assertTrue(pair.client().write(rest) > 0, "as much as TCP takes");
        }
      }
      for (Listening.Pair pair : pairs) {
        assertArrayEquals(burst, Flow.read(pair.server(), burst.length));
        pair.close();
      }
      assertTalks(first);
      first.close();
    }
  }

  @Test
  void aSlotIsUsedAgainBehindItsLastGeneration() throws Exception {
    try (Listening listening = listen()) {
      Listening.Pair first = pair(listening);
      link(first.client()).startGenerationsAt(Integer.MAX_VALUE - 2);
      for (int i = 0; i < 6 * LinkLayout.MIN_SLOTS; i++) {
        Listening.Pair pair = pair(listening);
        assertTalks(pair);
        pair.close();
      }
      assertTalks(first);
      first.close();
    }
  }
}
