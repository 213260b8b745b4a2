package io.twinport.waiting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.jdk.Shim;
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
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanEventFd;

final class EpollBellTest {
  /** What a peer has rung stands here, and in the descriptor that somebody has. */
  private static final class Wire implements BellWire {
    private final SanEventFd event;
    private volatile int rung;
    private int heard;

    Wire() throws IOException {
      event = new SanEventFd();
    }

    void ring(int core) throws IOException {
      rung = Byte.toUnsignedInt(Bell.from(core));
      event.set();
      event.reset(); // A read, as a peer's.
    }

    @Override
    public int fd() {
      return event.fd();
    }

    @Override
    public int heard() {
      heard++;
      return rung;
    }

    void close() throws IOException {
      event.close();
    }
  }

  private EpollBell bell;
  private Wire wire;

  @BeforeEach
  void take() throws IOException {
    assertTrue(Shim.CORE.isLinked());
    bell = Bells.take();
    wire = new Wire();
    bell.add(wire);
    bell.drain(); // This one is writable from the beginning.
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
      assertEquals(1, another.heard);
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
    FutureTask<Byte> sleeping = new FutureTask<>(() -> firstRing(bell));
    new Thread(sleeping).start();
    TimeUnit.MILLISECONDS.sleep(50);
    Wire late = new Wire();
    bell.add(late);
    late.ring(5);
    assertEquals(Bell.from(5), sleeping.get(20, TimeUnit.SECONDS));
    bell.remove(late);
    late.close();
  }

  /** The descriptor may be anybody's next. */
  @Test
  void wireThatWasRemovedIsNotTouched() throws IOException {
    int heard = wire.heard;
    wire.ring(7);
    bell.remove(wire);
    assertFalse(bell.drain());
    assertEquals(heard, wire.heard);
    bell.remove(wire);
  }

  /** Who sleeps in a set of his own is woken there, by wires of before and after. */
  @Test
  void watcherIsToldOfEachRing() throws IOException {
    Watching watching = new Watching();
    bell.sleepIn(watching);
    Wire late = new Wire();
    bell.add(late);
    assertTrue(watching.isTold(), "of wires that are writable");
    assertTrue(bell.drain(), "nobody wonders why");
    assertFalse(bell.drain());
    assertFalse(watching.isTold());
    wire.ring(1);
    assertTrue(watching.isTold());
    assertFalse(watching.isTold());
    late.ring(2);
    assertTrue(watching.isTold());
    bell.ring();
    assertTrue(watching.isTold());
    assertTrue(bell.drain());
    bell.remove(late);
    late.ring(3);
    assertFalse(watching.isTold());
    bell.leave();
    wire.ring(4);
    bell.ring();
    assertFalse(watching.isTold());
    late.close();
    watching.close();
  }

  private static final class Watching implements EpollBell.Watcher {
    private final int epoll = SanAccess.newEpoll();
    private final long events = SanAccess.newEvents(8);

    Watching() throws IOException {}

    @Override
    public void watch(int fd, int events) throws IOException {
      SanAccess.addToEpoll(epoll, fd, events);
    }

    @Override
    public void unwatch(int fd) {
      SanAccess.removeFromEpoll(epoll, fd);
    }

    boolean isTold() throws IOException {
      return SanAccess.awaitEpoll(epoll, events, 8, 0) > 0;
    }

    void close() throws IOException {
      SanAccess.close(epoll);
    }
  }

  /** A wire of this test is writable when it is added, which wakes as well. */
  private static byte firstRing(EpollBell bell) throws IOException {
    byte from;
    do {
      from = rungFrom(bell, Long.MAX_VALUE);
    } while (from == Bell.FROM_ANYWHERE);
    return from;
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
