package io.twinport.core;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.Bell;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Processors;
import io.twinport.spi.SanConnection;
import io.twinport.spi.Seat;
import io.twinport.support.IdleProvider;
import io.twinport.support.SwitchFixture;
import io.twinport.waiting.Past;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Waits of threads that let others have the core before they sleep. */
@Timeout(20)
final class YieldTest extends SwitchFixture {
  private static final int CORE = 0;

  /** Peers that ring on the core that everybody runs on. */
  private static final class OneCore extends IdleProvider {
    OneCore() {
      super("other");
    }

    @Override
    public Processors processors() {
      return new Processors() {
        @Override
        public int current() {
          return CORE;
        }

        @Override
        public boolean change() {
          return false;
        }
      };
    }
  }

  /** Always has something to read and room to write, and counts who means to sleep. */
  private static final class ReadyConnection extends SanConnection {
    int armed;

    @Override
    public String provider() {
      return "other";
    }

    @Override
    public int readyEvents(int interest) {
      return interest;
    }

    @Override
    public int arm(int interest, Seat seat) {
      armed++;
      return interest;
    }

    @Override
    public InetSocketAddress localAddress() {
      throw new AssertionError("only waited for");
    }

    @Override
    public InetSocketAddress remoteAddress() {
      throw new AssertionError("only waited for");
    }

    @Override
    public boolean finishConnect() {
      throw new AssertionError("only waited for");
    }

    @Override
    public boolean cancelConnect() {
      throw new AssertionError("only waited for");
    }

    @Override
    public int read(ByteBuffer dst) {
      throw new AssertionError("only waited for");
    }

    @Override
    public int write(ByteBuffer src) {
      throw new AssertionError("only waited for");
    }

    @Override
    public int available() {
      throw new AssertionError("only waited for");
    }

    @Override
    public void shutdownOutput() {
      throw new AssertionError("only waited for");
    }

    @Override
    public void close() {
      throw new AssertionError("only waited for");
    }

    @Override
    public void abort() {
      throw new AssertionError("only waited for");
    }
  }

  /**
   * Waits as the channel's readers and writers do. A class of its own, as the test class mustn't
   * mention the JDK's internal types before the fixture has opened their packages.
   */
  private static final class Waits {
    private final ReadyConnection connection = new ReadyConnection();
    private final SwitchSocket socket;

    Waits(SocketChannel channel) throws ReflectiveOperationException {
      Field twin = channel.getClass().getDeclaredField("twin");
      twin.setAccessible(true);
      this.socket = (SwitchSocket) twin.get(channel);
    }

    /** The calling thread was woken on this core, and is busy, however slow the test is. */
    private void wasRungHere() {
      Past past = Past.ofCurrentThread();
      long soon = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      past.event(soon);
      past.event(soon);
      past.slept(Bell.from(CORE));
    }

    /** A read or write that waits once; returns whether its wait was over behind a yield. */
    boolean yields(int interest) throws IOException {
      return yields(interest, () -> {});
    }

    /**
     * As {@link #yields(int)}.
     *
     * @param before what the thread comes upon between the begin of the operation and its wait
     */
    boolean yields(int interest, Runnable before) throws IOException {
      boolean completed = false;
      connection.armed = 0;
      if (interest == NetworkEvent.READ) {
        socket.reader.begin(true);
        try {
          before.run();
          wasRungHere();
          socket.reader.await(connection, interest, Long.MAX_VALUE);
          completed = socket.isOpen();
        } finally {
          socket.reader.end(true, completed);
        }
      } else {
        socket.writer.begin(true);
        try {
          before.run();
          wasRungHere();
          socket.writer.await(connection, NetworkEvent.WRITE, Long.MAX_VALUE);
          completed = socket.isOpen();
        } finally {
          socket.writer.end(true, completed);
        }
      }
      return connection.armed == 0;
    }

    /** Until one does: where others have taken the core for long, the next yields are put off. */
    void awaitYield(int interest) throws IOException {
      while (!yields(interest)) {
        Thread.onSpinWait();
      }
    }
  }

  @BeforeEach
  void nobodySpins() {
    provider = provider(Map.of("spin-micros", "0"), san, new OneCore());
  }

  private Waits waits() throws Exception {
    return new Waits(connect(listen()));
  }

  @ParameterizedTest
  @ValueSource(ints = {NetworkEvent.READ, NetworkEvent.WRITE})
  void whatIsThereBehindAYieldIsNotSleptFor(int interest) throws Exception {
    waits().awaitYield(interest);
  }

  @ParameterizedTest
  @ValueSource(ints = {NetworkEvent.READ, NetworkEvent.WRITE})
  void anInterruptIsHeardOfThoughAYieldFindsSomething(int interest) throws Exception {
    Waits waits = waits();
    waits.awaitYield(interest);
    try {
      assertThrows(
          ClosedByInterruptException.class,
          () -> waits.yields(interest, () -> Thread.currentThread().interrupt()));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
