package io.twinport.ucx;

import io.twinport.posix.Memory;
import io.twinport.ucx.pipe.Chunk;
import io.twinport.ucx.pipe.Pipe;
import io.twinport.ucx.pipe.PipeReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** One end of a pipe that is a queue in memory. Its ends may be on two drivers. */
final class MemoryPipe implements Pipe {
  private static final byte[] END = new byte[0];

  final MemoryDriver driver;
  private MemoryPipe peer;

  /** What the peer has sent; added to by the peer's driver. */
  private final Queue<byte[]> inbound = new ConcurrentLinkedQueue<>();

  /** The peer has aborted, or the pipe was cut. */
  private volatile boolean cut;

  // with the driver's lock held
  private PipeReader reader;
  private final ArrayDeque<Chunk> unsent = new ArrayDeque<>();
  private byte[] current;
  private int done;
  private boolean closed;
  private boolean ended;
  private long bytesSent;

  private MemoryPipe(MemoryDriver driver) {
    this.driver = driver;
  }

  /**
   * A pipe from {@code one} to {@code other}, which may be the same; returns the end at the one.
   */
  static MemoryPipe between(MemoryDriver one, MemoryDriver other) {
    MemoryPipe near = new MemoryPipe(one);
    near.peer = new MemoryPipe(other);
    near.peer.peer = near;
    return near;
  }

  MemoryPipe peer() {
    return peer;
  }

  long bytesSent() {
    driver.checkHeld();
    return bytesSent;
  }

  boolean isClosed() {
    driver.checkHeld();
    return closed;
  }

  boolean isOver() {
    driver.checkHeld();
    return (closed || ended) && unsent.isEmpty();
  }

  @Override
  public void send(Chunk chunk) {
    driver.checkHeld();
    if (chunk.limit == 0 || chunk.limit > chunk.capacity() || chunk.next != null) {
      throw new IllegalStateException("chunk with limit " + chunk.limit);
    }
    if (!closed && !ended) {
      byte[] bytes = new byte[chunk.limit];
      Memory.copy(chunk.address(), bytes, 0, bytes.length);
      bytesSent += bytes.length;
      deliver(bytes);
    }
    if (driver.isWild() && driver.random().nextInt(4) != 0) {
      unsent.add(chunk);
      driver.stir(this);
    } else {
      Memory.fill(chunk.address(), chunk.limit, (byte) 0xee);
      chunk.giveBack();
    }
  }

  private void deliver(byte[] bytes) {
    peer.inbound.add(bytes);
    peer.driver.stir(peer);
  }

  /** Sends what no connection would. */
  void sendRaw(byte[] bytes) {
    driver.checkHeld();
    deliver(bytes.clone());
  }

  /** Both ends find the pipe broken. Any thread. */
  void cutNow() {
    cut = true;
    driver.stir(this);
    peer.cut = true;
    peer.driver.stir(peer);
  }

  @Override
  public int unsent() {
    driver.checkHeld();
    return unsent.size();
  }

  @Override
  public void reader(PipeReader to) {
    driver.checkHeld();
    reader = to;
  }

  @Override
  public void close() {
    driver.checkHeld();
    if (!closed && !ended) {
      closed = true;
      deliver(END);
    }
  }

  @Override
  public void abort() {
    driver.checkHeld();
    if (!closed && !ended) {
      closed = true;
      peer.cut = true;
      peer.driver.stir(peer);
    }
  }

  /** Moves on what can be moved on: some of it, if the driver is wild. Lock held. */
  void move() {
    boolean wild = driver.isWild();
    int back = wild ? driver.random().nextInt(unsent.size() + 1) : unsent.size();
    for (int i = 0; i < back; i++) {
      Chunk chunk = unsent.remove();
      Memory.fill(chunk.address(), chunk.limit, (byte) 0xee);
      chunk.giveBack();
    }
    if (back > 0 && !closed && !ended) {
      reader.sent();
    }
    int pieces = wild ? 1 + driver.random().nextInt(8) : Integer.MAX_VALUE;
    while (pieces-- > 0 && !closed && !ended) {
      if (cut) {
        ended = true;
        reader.ended(new IOException("cut"));
        break;
      }
      if (current == null) {
        current = inbound.poll();
        done = 0;
      }
      if (current == null) {
        break;
      }
      if (current == END) {
        ended = true;
        reader.ended(null);
        break;
      }
      bring(wild);
    }
    if (!unsent.isEmpty() || (!closed && !ended && (current != null || !inbound.isEmpty()))) {
      driver.stir(this);
    }
  }

  private void bring(boolean wild) {
    int left = Math.min(current.length - done, MemoryDriver.PIECE_BYTES);
    int length = wild ? 1 + driver.random().nextInt(left) : left;
    if (wild && driver.random().nextBoolean()) {
      length = Math.min(length, 1 + driver.random().nextInt(9));
    }
    // anywhere in the piece: not aligned, and gone afterwards
    long at = driver.piece() + MemoryDriver.PIECE_BYTES - length;
    Memory.copy(current, done, at, length);
    done += length;
    if (done == current.length) {
      current = null;
    }
    reader.received(at, length);
    Memory.fill(at, length, (byte) 0xee);
  }
}
