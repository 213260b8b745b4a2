package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes, credits and the memory they take. */
@Tag("on-one-jdk")
@Timeout(90)
class FlowTest {
  private Listening listening;
  private SanConnection client;
  private SanConnection server;

  @BeforeEach
  void connect() throws IOException {
    listening = Listening.open(5);
    Listening.Pair pair = listening.pair();
    client = pair.client();
    server = pair.server();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    listening.close();
  }

  @Test
  void threeMebibytesAreWrittenBeforeAnyIsRead() throws IOException {
    byte[] bytes = Flow.bytes(1, 3 << 20);
    assertEquals(bytes.length, Flow.writeNow(client, bytes));
    assertEquals(bytes.length, Flow.writeNow(server, bytes));
    assertArrayEquals(bytes, Flow.read(server, bytes.length));
    assertArrayEquals(bytes, Flow.read(client, bytes.length));
  }

  @Test
  void exactlyFourMebibytesAreTaken() throws IOException {
    byte[] bytes = Flow.bytes(2, LinkLayout.MAX_UNREAD + 1000);
    // In small pieces, so that the ring has grown on its way.
    int taken = 0;
    int n = 1;
    for (int size = 1; n > 0; size = Math.min(size * 3, 50_000)) {
      n = client.write(ByteBuffer.wrap(bytes, taken, Math.min(size, bytes.length - taken)));
      taken += n;
    }
    assertEquals(LinkLayout.MAX_UNREAD, taken);
    assertEquals(0, client.readyEvents(NetworkEvent.WRITE));
    assertEquals(LinkLayout.MAX_UNREAD, server.available());
    assertEquals(1, Flow.read(server, 1).length);
    assertEquals(NetworkEvent.WRITE, client.readyEvents(NetworkEvent.WRITE));
    assertEquals(1, client.write(ByteBuffer.wrap(bytes, taken, 1000)));
    byte[] rest = Flow.read(server, LinkLayout.MAX_UNREAD);
    for (int i = 0; i < rest.length; i++) {
      assertEquals(bytes[i + 1], rest[i]);
    }
  }

  @Test
  void largeWriteRightAfterASmallOne() throws IOException {
    byte[] small = Flow.bytes(3, 7);
    byte[] large = Flow.bytes(4, 2_000_000);
    Flow.write(client, small);
    Flow.write(client, large);
    assertArrayEquals(small, Flow.read(server, small.length));
    assertArrayEquals(large, Flow.read(server, large.length));
  }

  @Test
  void ringGrowsWhereItsReaderStands() throws IOException {
    // Every position in the first ring at which it may have to grow, roughly.
    for (int before = 0; before < 65_536; before += 4_093) {
      byte[] head = Flow.bytes(before, before + 1);
      byte[] tail = Flow.bytes(before + 1, 300_000);
      Flow.write(client, head);
      assertArrayEquals(head, Flow.read(server, head.length));
      assertEquals(tail.length, Flow.writeNow(client, tail));
      assertArrayEquals(tail, Flow.read(server, tail.length));
      Listening.Pair next = listening.pair();
      client.close();
      server.close();
      client = next.client();
      server = next.server();
    }
  }

  @Test
  void directBuffersAndSlices() throws IOException {
    ByteBuffer src = ByteBuffer.allocateDirect(10_000);
    src.put(Flow.bytes(5, 10_000)).flip().position(100).limit(9_000);
    ByteBuffer dst = ByteBuffer.allocateDirect(20_000).position(50).limit(10_000);
    assertEquals(8_900, client.write(src.slice().asReadOnlyBuffer()));
    assertEquals(8_900, server.read(dst));
    assertEquals(50 + 8_900, dst.position());
    assertEquals(src.slice(), dst.flip().position(50));
    assertEquals(0, server.read(ByteBuffer.allocate(0)));
    assertEquals(0, client.write(ByteBuffer.allocate(0)));
  }

  @Test
  void memoryOfABurstGoesBack() throws Exception {
    int idle = settledKiB();
    byte[] bytes = new byte[LinkLayout.MAX_UNREAD];
    assertEquals(bytes.length, Flow.writeNow(client, bytes));
    assertTrue(Flow.usedKiB(listening.through) >= idle + 4096);
    Flow.read(server, bytes.length);
    Flow.eventually(
        20_000, () -> Flow.usedKiB(listening.through) <= idle, "memory of a burst stays");
    Flow.assertEchoes(new Listening.Pair(client, server));
  }

  @Test
  void unreadMemoryStays() throws Exception {
    byte[] bytes = Flow.bytes(6, 1 << 20);
    Flow.writeNow(client, bytes);
    for (int i = 0; i < 8; i++) {
      // Several sweeps, none of which may take what has not been read.
      Thread.sleep(250);
      assertTrue(Flow.usedKiB(listening.through) >= 1024);
    }
    client.close();
    Thread.sleep(500);
    assertArrayEquals(bytes, Flow.read(server, bytes.length));
    Flow.assertEnd(server);
  }

  /** What is in use once earlier tests' memory has gone back. */
  private int settledKiB() throws InterruptedException {
    int before = -1;
    int now = Flow.usedKiB(listening.through);
    for (int same = 0; same < 8; ) {
      Thread.sleep(250);
      before = now;
      now = Flow.usedKiB(listening.through);
      same = now == before ? same + 1 : 0;
    }
    return now;
  }

  @Test
  void streamsShrinkAndGrowAgain() throws IOException {
    byte[] large = Flow.bytes(7, 2 << 20);
    byte[] small = Flow.bytes(8, 10);
    for (int round = 0; round < 5; round++) {
      assertEquals(large.length, Flow.writeNow(client, large));
      assertArrayEquals(large, Flow.read(server, large.length));
      for (int i = 0; i < 600; i++) {
        Flow.write(client, small);
        assertArrayEquals(small, Flow.read(server, small.length));
      }
    }
  }

  @Test
  void withoutMemoryConnectionsGetOnAndNewOnesUseTcp() throws Exception {
    ShmProvider poor = Listening.started("shm.max-bytes", "400k");
    try (Listening tight = Listening.open(poor, InetAddress.getLoopbackAddress(), 50);
        BellSeat reading = BellSeat.of(poor);
        BellSeat writing = BellSeat.of(poor)) {
      List<Listening.Pair> pairs = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        pairs.add(tight.pair());
      }
      int[] taken = new int[pairs.size()];
      for (int i = 0; i < taken.length; i++) {
        // All of them hold memory at once, the most past the limit.
        taken[i] = Flow.writeNow(pairs.get(i).client(), new byte[100_000]);
        assertTrue(taken[i] > 0);
      }
      assertEquals(
          Reason.MEMORY, assertThrows(SanUnavailableException.class, tight::connect).reason());
      for (int i = 0; i < taken.length; i++) {
        ByteBuffer dst = ByteBuffer.allocate(taken[i]);
        while (dst.hasRemaining()) {
          assertNotEquals(-1, Flow.read(pairs.get(i).server(), dst, reading));
        }
      }
      for (Listening.Pair pair : pairs) {
        transfer(pair, 1_000_000, reading, writing);
        pair.close();
      }
      Flow.eventually(20_000, () -> Flow.usedKiB(poor) < 400, "memory stays past the limit");
      tight.pair().close();
    }
  }

  private static void transfer(Listening.Pair pair, int count, BellSeat reading, BellSeat writing)
      throws Exception {
    byte[] bytes = Flow.bytes(count, count);
    ByteBuffer dst = ByteBuffer.allocate(count);
    Throwable[] failure = new Throwable[1];
    Thread reader =
        new Thread(
            () -> {
              try {
                while (dst.hasRemaining()) {
                  assertNotEquals(-1, Flow.read(pair.server(), dst, reading));
                }
              } catch (IOException | AssertionError e) {
                failure[0] = e;
              }
            });
    reader.start();
    Flow.write(pair.client(), ByteBuffer.wrap(bytes), writing);
    reader.join();
    assertEquals(null, failure[0]);
    assertArrayEquals(bytes, dst.array());
  }
}
