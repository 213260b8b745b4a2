package io.twinport.it.apps;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One end of a connection of the torture: what it writes next, whether what it reads is right, and
 * in the end what has become of it. One thread at a time reads, and one writes.
 */
final class TortureEnd {
  private static final int BETWEEN_PAUSES_BYTES = 64 << 10;

  private final boolean client;
  private final char api;
  private final ByteBuffer header = ByteBuffer.allocate(TorturePlan.HEADER_BYTES);
  private final AtomicInteger halves = new AtomicInteger(2);
  private final TortureEnds ends;

  private TorturePlan plan;
  private Closeable line;
  private Thread reader;
  private Thread writer;
  private boolean over;

  private long received;
  private String described;
  private long paused;
  private long wrong;
  private long attempted;
  private long confirmed;
  private boolean endOfStream;
  private boolean shut;
  private boolean closedByPlan;
  private boolean reset;
  private boolean disturbed;
  private boolean starved;
  private Throwable readError;
  private Throwable writeError;
  private Throwable connectError;
  private long progress;
  private long longestStall;

  /**
   * @param plan what is to happen, or null at a server, which is told
   */
  TortureEnd(TortureEnds ends, TorturePlan plan, char api) {
    this.ends = ends;
    this.plan = plan;
    this.api = api;
    client = plan != null;
    progress = ends.tick();
  }

  /** Has what it is connected by closed with {@link #closeLine}. */
  synchronized void setLine(Closeable line) {
    this.line = line;
  }

  synchronized void setReader(Thread thread) {
    reader = thread;
  }

  synchronized void setWriter(Thread thread) {
    writer = thread;
  }

  synchronized TorturePlan plan() {
    return plan;
  }

  private TorturePlan.Ending ending() {
    return client ? plan.client() : plan.server();
  }

  /** Waits until there is a plan; returns false if there will be none. */
  synchronized boolean awaitPlan() {
    while (plan == null && !endOfStream && readError == null && !closedHere()) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Somebody interrupts threads at random.
      }
    }
    return plan != null;
  }

  /** Makes a buffer ready to be read into. */
  synchronized ByteBuffer room(ByteBuffer in) {
    return in.clear().limit(plan == null ? Math.max(1, header.remaining()) : plan.chunk());
  }

  /** Looks at what came in. */
  synchronized void took(ByteBuffer in) {
    int bytes = in.remaining();
    long before = wrong;
    long from = received;
    if (client) {
      wrong += received + bytes > plan.down() ? bytes : plan.wrong(in, false, received);
    } else {
      if (plan == null) {
        header.put(in.duplicate());
        if (!header.hasRemaining()) {
          plan = TorturePlan.read(header.flip());
          wrong += plan == null ? bytes : 0;
          notifyAll();
        }
      }
      if (plan != null) {
        wrong += received + bytes > plan.up() ? bytes : plan.wrong(in, true, received);
      }
    }
    received += bytes;
    if (wrong > before && plan != null && from + bytes <= (client ? plan.down() : plan.up())) {
      described = plan.describe(in, !client, from);
    }
    progress();
  }

  /** A reader that takes its time does so now and then. */
  synchronized boolean isTimeToPause() {
    if (plan == null || !plan.pause() || received - paused < BETWEEN_PAUSES_BYTES) {
      return false;
    }
    paused = received;
    return true;
  }

  /** Whether the header was none, so that nothing that follows has a meaning. */
  synchronized boolean isGarbage() {
    return wrong > 0;
  }

  synchronized void tookEnd() {
    endOfStream |= !closedHere();
    progress();
    notifyAll();
  }

  /** Fills a buffer with what is to be written next; returns false if it is time to end. */
  synchronized boolean fill(ByteBuffer out) {
    int bytes = (int) Math.min(plan.chunk(), ending().at() - confirmed);
    if (bytes <= 0) {
      return false;
    }
    out.clear().limit(bytes);
    plan.fill(out, client, confirmed);
    attempted = confirmed + bytes;
    return true;
  }

  synchronized void wrote(int bytes) {
    confirmed += bytes;
    progress();
  }

  /** How this end ends now; one that closes is from now on the one that has done it. */
  synchronized TorturePlan.How end() {
    closedByPlan |= ending().how() != TorturePlan.How.FINISH;
    return ending().how();
  }

  synchronized void shut() {
    shut = true;
    progress();
  }

  /** It was closed with {@code SO_LINGER} 0, and by nobody else before. */
  synchronized void reset() {
    reset = !disturbed && readError == null && writeError == null && !starved;
  }

  synchronized void connected() {
    progress();
  }

  synchronized void connectFailed(Throwable error) {
    if (!isWant(error) && !closedHere()) {
      connectError = error;
    }
  }

  synchronized void readFailed(Throwable error) {
    if (!over && !isWant(error) && !closedHere() && writeError == null) {
      readError = error;
    }
    notifyAll();
  }

  synchronized void writeFailed(Throwable error) {
    if (!over && !isWant(error) && !closedHere() && readError == null) {
      writeError = error;
    }
  }

  /** Whether it is this process that has no memory or descriptors for it. */
  private boolean isWant(Throwable error) {
    boolean want =
        error instanceof Error
            || (error instanceof IOException
                && String.valueOf(error.getMessage()).contains("Too many open files"));
    starved |= want;
    return want;
  }

  private boolean closedHere() {
    return closedByPlan || disturbed || starved;
  }

  private void progress() {
    long tick = ends.tick();
    longestStall = Math.max(longestStall, tick - Math.max(progress, ends.calmTick()));
    progress = tick;
  }

  /** For how many ticks since it has become calm nothing has happened here. */
  synchronized long stalled() {
    return ends.tick() - Math.max(progress, ends.calmTick());
  }

  /** Closes it from another thread, at any time. */
  void disturb() {
    Closeable closing;
    synchronized (this) {
      if (over || line == null) {
        return;
      }
      disturbed = true;
      closing = line;
      notifyAll();
    }
    closeSurely(closing);
  }

  /**
   * Interrupts one of its threads.
   *
   * @param closes whether that closes the connection
   */
  synchronized void interrupt(boolean ofReader, boolean closes) {
    Thread thread = ofReader ? reader : writer;
    if (!over && thread != null) {
      disturbed |= closes;
      thread.interrupt();
      notifyAll();
    }
  }

  char api() {
    return api;
  }

  void closeLine() {
    Closeable closing;
    synchronized (this) {
      closing = line;
    }
    if (closing != null) {
      closeSurely(closing);
    }
  }

  /** One of the two directions is through; the second one closes the connection. */
  void halfDone() {
    if (halves.decrementAndGet() == 0) {
      finish();
    }
  }

  /** Closes the connection and counts it as over. */
  void finish() {
    closeLine();
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      progress();
      line = null;
      reader = null;
      writer = null;
    }
    ends.over(this);
  }

  /** Closes; for want of memory once more. */
  static void closeSurely(Closeable closing) {
    while (true) {
      try {
        closing.close();
        return;
      } catch (IOException e) {
        return; // It is closed for all that.
      } catch (OutOfMemoryError e) {
        TortureEnds.pause(10);
      }
    }
  }

  /** A line without blanks: which connection, what came, what went, how it ended. */
  synchronized String report() {
    Throwable error = connectError != null ? connectError : readError;
    String flags =
        (endOfStream ? "e" : "")
            + (shut ? "s" : "")
            + (closedByPlan ? "p" : "")
            + (reset ? "r" : "")
            + (disturbed ? "d" : "")
            + (starved ? "w" : "")
            + (connectError != null ? "C" : "")
            + (readError != null ? "R" : "")
            + (writeError != null ? "W" : "")
            + (over ? "" : "?");
    return String.join(
        ":",
        plan == null ? "-" : Long.toHexString(plan.seed()),
        plan == null ? "-" : Long.toHexString(plan.id()),
        client ? "client" : "server",
        Character.toString(api),
        plan != null && plan.orderly() ? "orderly" : "free",
        plan == null ? "0" : Long.toString(client ? plan.down() : plan.up()),
        Long.toString(received),
        Long.toString(wrong),
        Long.toString(attempted),
        Long.toString(confirmed),
        Long.toString(longestStall),
        "-" + flags,
        described == null
            ? text(error != null ? error : writeError)
            : described.replaceAll("[\\s:;]+", "_"));
  }

  private static String text(Throwable error) {
    return error == null ? "-" : error.toString().replaceAll("[\\s:;]+", "_");
  }
}
