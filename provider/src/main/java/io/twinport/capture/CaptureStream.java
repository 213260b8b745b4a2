package io.twinport.capture;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.jdk.NamedSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/**
 * Sends a capture to whoever has asked for it, on a thread of its own, until that one goes or says
 * so, or the process ends. While that one does not take it, the queue fills up, and nobody waits
 * but this thread.
 */
public final class CaptureStream implements Runnable {
  /** Sent at once, at the most. In bytes. */
  private static final int BATCH = 256 << 10;

  /** So many places are sent before this looks at what else there is to do. */
  private static final int MOST_AT_ONCE = 256;

  /** What is there is sent after that at the latest; a quarter of the queue at once. */
  private static final long LONGEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long SHORTEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** How often whoever has asked is looked at, and how long one wait for it takes. */
  private static final Duration LOOK = Duration.ofMillis(100);

  /** How often it is told how much was missed, if that has changed. */
  private static final long STATISTICS_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long a write may be under way, and what was captured may take to be sent at the end. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Captures owner;
  private final Capture capture;
  private final CaptureQueue queue;
  private final NamedSocket client;
  private final String who;
  private final String destination;
  private final ByteBuffer batch = ByteBuffer.allocateDirect(BATCH);
  private final ByteBuffer words = ByteBuffer.allocate(64);

  private volatile String ending;
  private volatile Thread thread;
  private boolean isGone;
  private long told = -1;
  private long lastTold;
  private long lastLook = System.nanoTime();

  CaptureStream(
      Captures owner, Capture capture, NamedSocket client, String who, String destination) {
    this.owner = owner;
    this.capture = capture;
    this.queue = capture.queue();
    this.client = client;
    this.who = who;
    this.destination = destination;
  }

  Capture capture() {
    return capture;
  }

  CaptureState state() {
    return new CaptureState(
        who,
        capture.filter().describe(),
        destination,
        capture.startNanos(),
        capture.segments(),
        capture.bytes(),
        capture.missed(),
        capture.missedBytes());
  }

  /** Bytes of the queue. */
  public long bufferBytes() {
    return queue.capacity();
  }

  /** What the times of records count from, in nanoseconds since 1970. */
  public long startNanos() {
    return capture.startNanos();
  }

  /** Has all bytes pass through the capture; those of connections only that are all known. */
  public void tap() {
    owner.add(capture);
  }

  /**
   * Begins to capture.
   *
   * @param open the connections on the SAN, as they were found behind {@link #tap}
   */
  public void begin(Collection<Addresses> open) {
    capture.begin(open);
  }

  /** Begins to send. From here on the client is this one's, which closes it. */
  public void start() {
    Thread sender = Daemon.of("twinport-capture", this);
    thread = sender;
    sender.start();
  }

  /** Gives up what has not begun. */
  public void cancel() {
    owner.remove(this);
    queue.close();
  }

  /** Has the capture end, for a reason that is told; the first one counts. */
  void end(String why) {
    if (ending == null) {
      ending = why;
    }
    queue.wake();
  }

  void awaitEnd(long deadline) {
    Thread sender = thread;
    long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (sender == null || millis <= 0) {
      return;
    }
    try {
      sender.join(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    try {
      Log.warn("a capture has begun, for " + who + ": " + capture.filter().describe());
      sendAll();
    } catch (IOException | RuntimeException | Error e) {
      Log.debug(() -> "a capture ends: " + Log.cause(e));
    } finally {
      owner.remove(this);
      queue.close();
      try {
        client.close();
      } catch (IOException e) {
        Log.debug(() -> "a capture's close failed: " + Log.cause(e));
      }
      tellEnd();
    }
  }

  private void tellEnd() {
    Log.warn(
        "the capture for "
            + who
            + " has ended: "
            + capture.segments()
            + " segments captured, "
            + capture.missed()
            + " missed");
  }

  private void sendAll() throws IOException {
    long sleep = SHORTEST_SLEEP_NANOS;
    while (ending == null && !isGone) {
      boolean sent = sendSome(Long.MAX_VALUE);
      look();
      if (sent) {
        sleep = SHORTEST_SLEEP_NANOS;
      } else if (ending == null) {
        queue.await(sleep);
        sleep = Math.min(2 * sleep, LONGEST_SLEEP_NANOS);
      }
    }
    owner.remove(this);
    queue.close();
    sendRest();
  }

  /** What was claimed before the queue was closed is published by whoever has claimed it. */
  private void sendRest() throws IOException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!isGone && !queue.isDrained() && System.nanoTime() < deadline) {
      if (!sendSome(deadline)) {
        queue.await(SHORTEST_SLEEP_NANOS);
      }
    }
    putStatistics();
    byte[] why = ending == null ? new byte[0] : ending.getBytes(StandardCharsets.UTF_8);
    put(CaptureFormat.END, ByteBuffer.wrap(why));
    flush(deadline);
  }

  /** Sends what is published, or a part of it if that is much; false if there was nothing. */
  private boolean sendSome(long deadline) throws IOException {
    long sent = 0;
    for (long place; !isGone && (place = queue.first()) != CaptureQueue.NONE; ) {
      for (long at = place; at != CaptureQueue.NONE; at = queue.follower(at)) {
        int length = queue.length(at);
        if (length > batch.remaining()) {
          flush(deadline);
        }
        if (length > 0 && !isGone) {
          queue.copy(at, batch);
        }
      }
      queue.release();
      if (++sent == MOST_AT_ONCE) {
        break; // There may always be more, and somebody may want an end of it.
      }
    }
    long now = System.nanoTime();
    if (capture.missed() != told && now - lastTold >= STATISTICS_NANOS) {
      putStatistics();
    }
    flush(deadline);
    return sent > 0;
  }

  private void putStatistics() throws IOException {
    ByteBuffer counts = ByteBuffer.allocate(CaptureFormat.COUNTS);
    told = capture.missed();
    lastTold = System.nanoTime();
    counts.putLong(capture.segments()).putLong(told).putLong(capture.missedBytes());
    put(CaptureFormat.STATISTICS, counts.flip());
  }

  private void put(byte kind, ByteBuffer carried) throws IOException {
    int length = CaptureFormat.HEADER + carried.remaining();
    if (length > batch.remaining()) {
      flush(Long.MAX_VALUE);
    }
    if (isGone) {
      return;
    }
    int at = batch.position();
    batch.putInt(at + CaptureFormat.LENGTH, length);
    batch.put(at + CaptureFormat.KIND, kind);
    batch.put(at + CaptureFormat.DIRECTION, CaptureFormat.FORWARD);
    batch.putShort(at + CaptureFormat.FLAGS, (short) 0);
    batch.putLong(at + CaptureFormat.CONNECTION, 0);
    batch.putLong(at + CaptureFormat.TIME, capture.time());
    batch.putLong(at + CaptureFormat.POSITION, 0);
    batch.putInt(at + CaptureFormat.BYTES, 0);
    batch.putInt(at + CaptureFormat.CARRIED, carried.remaining());
    batch.position(at + CaptureFormat.HEADER);
    batch.put(carried);
  }

  /** Writes the batch, as fast as it is taken. */
  private void flush(long deadline) throws IOException {
    batch.flip();
    while (batch.hasRemaining() && !isGone) {
      if (client.write(batch) == 0) {
        if (System.nanoTime() >= deadline) {
          isGone = true; // It has had its time.
          break;
        }
        client.awaitWritable(LOOK);
        if (ending != null && deadline == Long.MAX_VALUE) {
          deadline = System.nanoTime() + PATIENCE_NANOS;
        }
      }
    }
    batch.clear();
  }

  /** Whether whoever has asked is there still, and has not said that it is enough. */
  private void look() throws IOException {
    long now = System.nanoTime();
    if (now - lastLook < LOOK.toNanos()) {
      return;
    }
    lastLook = now;
    int n = client.read(words.clear());
    if (n > 0) {
      end("it was told to");
    } else if (n < 0) {
      isGone = true;
    }
  }
}
