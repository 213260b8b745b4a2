package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.Bell;
import io.twinport.spi.BellWire;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sun.nio.ch.SanEventFd;

final class EpollBellTest {
  /** What a peer has rung stands here, and in the descriptor that somebody has. */
  private static final class Wire implements BellWire {
    private final SanEventFd event;
    private volatile int rung = NOTHING;
    private volatile boolean ended;

    Wire() throws IOException {
      event = new SanEventFd();
    }

    void ring(int core) throws IOException {
      rung = Byte.toUnsignedInt(Bell.from(core));
      event.set();
    }

    void end() throws IOException {
      ended = true;
      event.set();
    }

    @Override
    public int fd() {
      return event.fd();
    }

    @Override
    public int take() {
      if (ended) {
        return ENDED; // And stays readable, as a socket without a peer.
      }
      try {
        event.reset();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      int last = rung;
      rung = NOTHING;
      return last;
    }

    void close() throws IOException {
      event.close();
    }
  }

  private EpollBell bell;
  private Wire wire;

  @BeforeEach
  void take() throws IOException {
    assertTrue(Shim.isLinked());
    bell = Bells.take();
    wire = new Wire();
    bell.add(wire);
  }

  @AfterEach
  void give() throws IOException {
    bell.remove(wire);
    wire.close();
    Bells.give(bell);
  }

  @Test
  void tellsWhereTheLastRingCameFrom() throws IOException {
    wire.ring(1);
    wire.ring(2);
    assertTrue(bell.drain());
    assertEquals(Bell.from(2), bell.rungFrom());
    wire.ring(200);
    assertTrue(bell.drain());
    assertEquals(Bell.from(200), bell.rungFrom());
    bell.ring();
    assertTrue(bell.drain());
    assertEquals(Bell.FROM_ANYWHERE, bell.rungFrom());
    assertFalse(bell.drain());
  }

  @Test
  void isSilentBehindWhatManyHaveRung() throws IOException {
    List<Wire> wires = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Wire another = new Wire();
      wires.add(another);
      bell.add(another);
      another.ring(i);
    }
    int drains = 0;
    while (bell.drain()) {
      drains++;
    }
    assertTrue(drains >= 2, "one look takes " + wires.size() + " wires");
    for (Wire another : wires) {
      assertEquals(BellWire.NOTHING, another.rung);
      bell.remove(another);
      another.close();
    }
    assertFalse(bell.drain());
  }

  @Test
  void wakesWhoeverSleepsOnIt() throws Exception {
    FutureTask<Byte> sleeping = new FutureTask<>(() -> rungFrom(bell, Long.MAX_VALUE));
    new Thread(sleeping).start();
    TimeUnit.MILLISECONDS.sleep(50); // Whether it sleeps by then is all the same to the outcome.
    wire.ring(3);
    assertEquals(Bell.from(3), sleeping.get(20, TimeUnit.SECONDS));
    assertEquals(Bell.FROM_ANYWHERE, rungFrom(bell, 1));
    wire.ring(4);
    assertEquals(Bell.from(4), rungFrom(bell, TimeUnit.MINUTES.toNanos(1)));
  }

  /** A wire that is added while somebody sleeps wakes him too. */
  @Test
  void wireIsAddedToABellThatIsSleptOn() throws Exception {
    FutureTask<Byte> sleeping = new FutureTask<>(() -> rungFrom(bell, Long.MAX_VALUE));
    new Thread(sleeping).start();
    TimeUnit.MILLISECONDS.sleep(50);
    Wire late = new Wire();
    bell.add(late);
    late.ring(5);
    assertEquals(Bell.from(5), sleeping.get(20, TimeUnit.SECONDS));
    bell.remove(late);
    late.close();
  }

  /** A peer that is gone must not keep the bell ringing. */
  @Test
  void wireThatHasEndedIsLeftOut() throws IOException {
    wire.end();
    assertFalse(bell.drain());
    Wire other = new Wire();
    bell.add(other);
    other.ring(6);
    assertTrue(bell.drain());
    assertEquals(Bell.from(6), bell.rungFrom());
    bell.remove(other);
    other.close();
  }

  /** The descriptor may be anybody's next. */
  @Test
  void wireThatWasRemovedIsNotTouched() throws IOException {
    wire.ring(7);
    bell.remove(wire);
    assertFalse(bell.drain());
    assertEquals(Byte.toUnsignedInt(Bell.from(7)), wire.take());
    bell.remove(wire);
  }

  private static byte rungFrom(EpollBell bell, long nanos) throws IOException {
    bell.await(nanos);
    return bell.rungFrom();
  }

  /** An application whose direct memory is used up still accepts, selects and blocks. */
  @Test
  void takesNoDirectMemory() throws IOException {
    long before = direct().getCount();
    new EpollBell(1_000_000);
    assertTrue(direct().getCount() <= before); // Of others' some may have been given back.
  }

  private static BufferPoolMXBean direct() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .findFirst()
        .orElseThrow();
  }
}
