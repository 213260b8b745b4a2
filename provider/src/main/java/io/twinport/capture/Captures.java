package io.twinport.capture;

import io.twinport.jdk.NamedSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The captures of this process: at most a few at a time, which share a part of the heap. */
public final class Captures {
  /** The folder of all that a capture needs. */
  public static final String FOLDER = "io/twinport/capture/";

  /** How many there may be at a time. */
  public static final int MOST = 4;

  /** All queues together have at most this part of the heap. */
  private static final int PART_OF_HEAP = 4;

  /** What a queue has if nobody says, unless the heap is small. In bytes. */
  private static final int USUAL = 16 << 20;

  private static final int LARGEST = 1 << 30;

  /** How long the process's end waits until what was captured is sent. */
  private static final long MOST_TO_END_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Consumer<Tap> socketSwitch;

  // -- Guarded by this

  private final List<CaptureStream> running = new ArrayList<>();
  private boolean ending;

  /** The capture that sees the bytes first; it passes them on to the next one. */
  private Capture first;

  /**
   * @param socketSwitch is told what all bytes pass through from then on; null: through nothing
   */
  public Captures(Consumer<Tap> socketSwitch) {
    this.socketSwitch = socketSwitch;
  }

  /**
   * Makes a capture that has not begun.
   *
   * @param who asks, for the log
   * @param destination what is to be written, for {@code status}; may be empty
   * @throws IOException if there can't be one; its message is for whoever asks
   */
  public synchronized CaptureStream prepare(
      CaptureFilter filter, NamedSocket client, String who, String destination) throws IOException {
    if (ending) {
      throw new IOException("is about to end");
    }
    if (running.size() == MOST) {
      throw new IOException("has " + MOST + " captures already, which is the most");
    }
    int capacity = capacity(filter.buffer());
    try {
      Capture capture = new Capture(filter, capacity);
      CaptureStream stream = new CaptureStream(this, capture, client, who, destination);
      running.add(stream);
      return stream;
    } catch (OutOfMemoryError e) {
      throw new IOException("has no memory for a buffer of " + capacity + " bytes", e);
    }
  }

  /** Those that run, the oldest first. */
  public synchronized List<CaptureState> running() {
    // No lambda: one that was linked first with a full heap could never be used again.
    List<CaptureState> states = new ArrayList<>(running.size());
    for (CaptureStream each : running) {
      states.add(each.state());
    }
    return states;
  }

  /** How many bytes a queue gets: a power of two. */
  private int capacity(long asked) throws IOException {
    long most = Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    for (CaptureStream each : running) {
      most -= each.bufferBytes();
    }
    if (most < CaptureQueue.LEAST) {
      throw new IOException("has no room for the buffer of a capture in its heap");
    }
    most = Math.min(Long.highestOneBit(most), LARGEST);
    if (asked == 0) {
      return (int) Math.min(USUAL, Math.max(CaptureQueue.LEAST, most / 4));
    }
    long wanted = Math.max(CaptureQueue.LEAST, Long.highestOneBit(asked));
    if (wanted > most) {
      throw new IOException(
          "can't have such a buffer: its heap has room for one of " + most + " bytes");
    }
    return (int) wanted;
  }

  /** Has a capture see the bytes. */
  synchronized void add(Capture capture) {
    capture.setNext(first);
    first = capture;
    socketSwitch.accept(capture);
  }

  /** Has a capture see nothing any more. */
  synchronized void remove(CaptureStream stream) {
    if (!running.remove(stream)) {
      return;
    }
    Capture capture = stream.capture();
    if (first == capture) {
      first = capture.next();
      socketSwitch.accept(first);
      return;
    }
    for (Capture each = first; each != null; each = each.next()) {
      if (each.next() == capture) {
        each.setNext(capture.next());
      }
    }
  }

  /** Sends what was captured, as the process is about to end. */
  public void end() {
    Collection<CaptureStream> last;
    synchronized (this) {
      ending = true;
      last = List.copyOf(running);
    }
    long deadline = System.nanoTime() + MOST_TO_END_NANOS;
    for (CaptureStream each : last) {
      each.end("the process has ended");
    }
    for (CaptureStream each : last) {
      each.awaitEnd(deadline);
    }
  }
}
