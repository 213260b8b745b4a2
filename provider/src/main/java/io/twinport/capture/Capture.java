package io.twinport.capture;

import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One capture: puts what passes into its queue. What finds no room there is missed and counted; its
 * positions in the stream are not given to anything else, so that it shows.
 *
 * <p>The bytes of a direction are taken where they are written, if that is in this process, and
 * else where they are read: each of them once, also if both ends are here. A write has its place in
 * the queue before it begins, because it may be answered before it returns.
 */
final class Capture implements Tap {
  /** A connection; positions belong to who reads or writes in that direction. */
  private static final class Flow {
    final long number;
    final Addresses addresses;
    final int flags;
    final long[] position = new long[2];
    final boolean[] ended = new boolean[2];
    boolean reset;

    /** How many of its ends were here, and are. Guarded by the capture. */
    int seen;

    int open;

    /** Whether its addresses are queued. */
    volatile boolean announced;

    /**
     * @param addresses the first one is where {@link CaptureFormat#FORWARD} begins
     */
    Flow(long number, Addresses addresses, int flags) {
      this.number = number;
      this.addresses = addresses;
      this.flags = flags;
    }
  }

  /** An end of a connection that is in this process. */
  private static final class End {
    final Flow flow;
    final byte out;

    /** Whether the other end is in this process too, which then has what it writes. */
    volatile boolean peerIsHere;

    End(Flow flow, byte out, boolean peerIsHere) {
      this.flow = flow;
      this.out = out;
      this.peerIsHere = peerIsHere;
    }

    byte in() {
      return (byte) (1 - out);
    }
  }

  /** An end that the filter does not let through. */
  private static final End IGNORED = new End(null, (byte) 0, false);

  /** What is written at once is copied into the place that it has from before, if it is short. */
  private static final int SHORT = 2048;

  private final CaptureFilter filter;
  private final CaptureQueue queue;
  private final long startTicks = System.nanoTime();
  private final long startNanos = now();

  private final AtomicLong segments = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong missed = new AtomicLong();
  private final AtomicLong missedBytes = new AtomicLong();

  private final Map<SanConnection, End> ends = new ConcurrentHashMap<>();

  /** The ends by their addresses. Guarded by this. */
  private final Map<Addresses, End> here = new ConcurrentHashMap<>();

  /** The ends that were there before, and have not carried anything since. */
  private final Set<Addresses> before = ConcurrentHashMap.newKeySet();

  private long connections;

  /** Whether all ends that were there before are known. */
  private volatile boolean begun;

  /** Who sees the bytes next; null for the connection itself. */
  private volatile Capture next;

  /**
   * @throws OutOfMemoryError if there is no memory for the queue
   */
  Capture(CaptureFilter filter, int capacity) {
    this.filter = filter;
    this.queue = new CaptureQueue(capacity);
  }

  private static long now() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  CaptureFilter filter() {
    return filter;
  }

  CaptureQueue queue() {
    return queue;
  }

  /** What record times count from, in nanoseconds since 1970. */
  long startNanos() {
    return startNanos;
  }

  long segments() {
    return segments.get();
  }

  /** Bytes of the streams that the queued segments stand for. */
  long bytes() {
    return bytes.get();
  }

  long missed() {
    return missed.get();
  }

  long missedBytes() {
    return missedBytes.get();
  }

  Capture next() {
    return next;
  }

  void setNext(Capture capture) {
    next = capture;
  }

  /** Takes bytes from now on; called once this is a tap. */
  void begin(Collection<Addresses> open) {
    before.addAll(open);
    begun = true;
  }

  /** Now, as records say it. */
  long time() {
    return System.nanoTime() - startTicks;
  }

  // -- The tap

  @Override
  public int read(SanConnection connection, ByteBuffer dst) throws IOException {
    End end = end(connection);
    int from = dst.position();
    int n;
    try {
      Capture then = next;
      n = then == null ? connection.read(dst) : then.read(connection, dst);
    } catch (IOException e) {
      resetByPeer(end);
      throw e;
    }
    hasRead(end, dst, null, from, n);
    return n;
  }

  @Override
  public int read(SanConnection connection, byte[] dst, int offset, int length) throws IOException {
    End end = end(connection);
    int n;
    try {
      Capture then = next;
      n =
          then == null
              ? connection.read(dst, offset, length)
              : then.read(connection, dst, offset, length);
    } catch (IOException e) {
      resetByPeer(end);
      throw e;
    }
    hasRead(end, null, dst, offset, n);
    return n;
  }

  @Override
  public int write(SanConnection connection, ByteBuffer src) throws IOException {
    End end = end(connection);
    int from = src.position();
    int room = room(src.remaining());
    long time = time();
    long place = end == null ? CaptureQueue.NONE : claim(end, room);
    int n = 0;
    try {
      Capture then = next;
      n = then == null ? connection.write(src) : then.write(connection, src);
    } catch (IOException e) {
      resetByPeer(end);
      throw e;
    } finally {
      hasWritten(end, place, room, time, src, null, from, n, 0);
    }
    return n;
  }

  @Override
  public int write(SanConnection connection, byte[] src, int offset, int length)
      throws IOException {
    return write(connection, src, offset, length, 0);
  }

  @Override
  public int writeUrgent(SanConnection connection, byte b) throws IOException {
    return write(connection, new byte[] {b}, 0, 1, CaptureFormat.URGENT);
  }

  private int write(SanConnection connection, byte[] src, int offset, int length, int flags)
      throws IOException {
    End end = end(connection);
    int room = room(length);
    long time = time();
    long place = end == null ? CaptureQueue.NONE : claim(end, room);
    int n = 0;
    try {
      Capture then = next;
      if (flags != 0) {
        n = then == null ? connection.writeUrgent(src[0]) : then.writeUrgent(connection, src[0]);
      } else if (then == null) {
        n = connection.write(src, offset, length);
      } else {
        n = then.write(connection, src, offset, length);
      }
    } catch (IOException e) {
      resetByPeer(end);
      throw e;
    } finally {
      hasWritten(end, place, room, time, null, src, offset, n, flags);
    }
    return n;
  }

  @Override
  public void opened(SanConnection connection, boolean accepted) {
    try {
      known(connection, accepted ? CaptureFormat.BACKWARD : CaptureFormat.FORWARD, true);
    } catch (RuntimeException | Error e) {
      missed(1, 0); // It is found at its first byte, as one that was there before.
    }
    Capture then = next;
    if (then != null) {
      then.opened(connection, accepted);
    }
  }

  @Override
  public void ending(SanConnection connection) {
    End end = end(connection);
    if (end != null) {
      put(CaptureFormat.FIN, end, end.out);
    }
    Capture then = next;
    if (then != null) {
      then.ending(connection);
    }
  }

  @Override
  public void closing(SanConnection connection, boolean reset, boolean behindOutput) {
    try {
      End end = end(connection);
      ends.remove(connection);
      if (end != null) {
        boolean unread = !behindOutput && connection.available() > 0;
        put(reset || unread ? CaptureFormat.RESET : CaptureFormat.FIN, end, end.out);
        if (isLast(end)) {
          put(CaptureFormat.GONE, end, end.out);
        }
      }
    } catch (RuntimeException | Error e) {
      missed(1, 0); // The connection ends in the file when its addresses are used again.
    }
    Capture then = next;
    if (then != null) {
      then.closing(connection, reset, behindOutput);
    }
  }

  private synchronized boolean isLast(End end) {
    Addresses addresses = end.flow.addresses;
    here.remove(end.out == CaptureFormat.FORWARD ? addresses : addresses.turned(), end);
    return --end.flow.open == 0;
  }

  // -- The ends

  /** The end of a connection, or null if it is not captured. */
  private End end(SanConnection connection) {
    if (!begun) {
      return null;
    }
    End end = ends.get(connection);
    if (end == null) {
      try {
        end = known(connection, CaptureFormat.FORWARD, false);
      } catch (RuntimeException | Error e) {
        missed(1, 0); // What passes now is missed; next time there may be memory.
        return null;
      }
    }
    return end == IGNORED ? null : end;
  }

  private synchronized End known(SanConnection connection, byte out, boolean opened) {
    End known = ends.get(connection);
    if (known != null) {
      return known;
    }
    InetSocketAddress local = connection.localAddress();
    InetSocketAddress remote = connection.remoteAddress();
    End end = IGNORED;
    if (filter.lets(local, remote)) {
      Addresses own = new Addresses(local, remote);
      end = newEnd(own, out, opened);
      here.put(own, end);
      before.remove(own);
    }
    ends.put(connection, end);
    if (end != IGNORED) {
      end.flow.seen++;
      end.flow.open++;
      announce(end.flow);
    }
    return end;
  }

  private End newEnd(Addresses own, byte out, boolean opened) {
    End peer = here.get(own.turned());
    if (peer != null && peer.flow.seen == 1) {
      peer.peerIsHere = true;
      return new End(peer.flow, peer.in(), true);
    }
    boolean first = out == CaptureFormat.FORWARD;
    int flags = (opened ? CaptureFormat.BEGUN : 0) | (first ? CaptureFormat.OWN : 0);
    Flow flow = new Flow(++connections, first ? own : own.turned(), flags);
    return new End(flow, out, before.contains(own.turned()));
  }

  /** Sees to it that the addresses stand in the queue before anything else; false if they can't. */
  private boolean announce(Flow flow) {
    if (flow.announced) {
      return true;
    }
    synchronized (flow) {
      if (!flow.announced) {
        int length = CaptureFormat.HEADER + CaptureFormat.ADDRESSES;
        byte[] addresses = bytes(flow.addresses);
        long place = queue.claim(length, false);
        if (place == CaptureQueue.NONE) {
          return false;
        }
        boolean filled = false;
        try {
          queue.fill(place, addresses, 0, addresses.length);
          queue.header(
              place,
              CaptureFormat.OPEN,
              CaptureFormat.FORWARD,
              flow.flags,
              flow.number,
              time(),
              0,
              0,
              addresses.length);
          filled = true;
        } finally {
          queue.publish(place, length, filled);
        }
        flow.announced = true;
      }
      return true;
    }
  }

  private static byte[] bytes(Addresses addresses) {
    ByteBuffer bytes = ByteBuffer.allocate(CaptureFormat.ADDRESSES);
    byte[] first = addresses.local().getAddress().getAddress();
    byte[] second = addresses.remote().getAddress().getAddress();
    boolean isV6 = first.length == 16 || second.length == 16;
    bytes.put((byte) (isV6 ? 6 : 4));
    put(bytes, first, isV6, addresses.local().getPort());
    put(bytes, second, isV6, addresses.remote().getPort());
    return bytes.array();
  }

  private static void put(ByteBuffer into, byte[] address, boolean isV6, int port) {
    int at = into.position();
    if (isV6 && address.length == 4) {
      into.putShort(at + 10, (short) -1).position(at + 12); // An IPv4 address as IPv6 shows it.
    }
    into.put(address).position(at + 16).putShort((short) port);
  }

  // -- What was read and written; none of these throws

  private void hasRead(End end, ByteBuffer dst, byte[] array, int from, int n) {
    if (end == null || end.peerIsHere || n == 0) {
      return;
    }
    if (n < 0) {
      put(CaptureFormat.FIN, end, end.in());
      return;
    }
    Flow flow = end.flow;
    long position = flow.position[end.in()];
    flow.position[end.in()] = position + n;
    try {
      if (announce(flow)) {
        putAll(end, end.in(), CaptureQueue.NONE, time(), dst, array, from, n, position);
      } else {
        missed(segmentsOf(n), n);
      }
    } catch (RuntimeException | Error e) {
      missed(1, n);
    }
  }

  private static int room(int length) {
    return length <= SHORT ? length : 0;
  }

  /** Claims a place for what is about to be written. */
  private long claim(End end, int room) {
    try {
      boolean ready = announce(end.flow);
      return ready ? queue.claim(CaptureFormat.HEADER + room, true) : CaptureQueue.NONE;
    } catch (RuntimeException | Error e) {
      return CaptureQueue.NONE; // What is written is counted as missed.
    }
  }

  /** Publishes the place in any case: nothing behind it would ever be taken. */
  private void hasWritten(
      End end,
      long place,
      int room,
      long time,
      ByteBuffer src,
      byte[] array,
      int from,
      int n,
      int flags) {
    if (end == null) {
      return;
    }
    Flow flow = end.flow;
    long position = flow.position[end.out];
    flow.position[end.out] = position + n;
    if (place == CaptureQueue.NONE) {
      if (n > 0) {
        missed(segmentsOf(n), n);
      }
      return;
    }
    boolean inIt = false;
    try {
      if (n > 0 && n <= room) {
        int kept = Math.min(n, filter.snap());
        int all = flags | CaptureFormat.PUSH;
        fill(place, src, array, from, kept);
        queue.header(place, CaptureFormat.DATA, end.out, all, flow.number, time, position, n, kept);
        segments.incrementAndGet();
        bytes.addAndGet(n);
        inIt = true;
      } else if (n > 0) {
        inIt = true;
        putAll(end, end.out, place, time, src, array, from, n, position);
      }
    } catch (RuntimeException | Error e) {
      missed(1, n);
    } finally {
      queue.publish(place, CaptureFormat.HEADER + room, inIt);
    }
  }

  private static int segmentsOf(int n) {
    return (n + CaptureFormat.SEGMENT - 1) / CaptureFormat.SEGMENT;
  }

  /**
   * Queues all segments of what was read or written at once, as far as there is room.
   *
   * @param leader the place that they follow, or {@link CaptureQueue#NONE}
   */
  private void putAll(
      End end,
      byte direction,
      long leader,
      long time,
      ByteBuffer buffer,
      byte[] array,
      int from,
      int n,
      long position) {
    long last = leader;
    for (int done = 0; done < n; ) {
      int count = Math.min(n - done, CaptureFormat.SEGMENT);
      int kept = Math.min(count, filter.snap());
      long place = queue.claim(CaptureFormat.HEADER + kept, true);
      if (place == CaptureQueue.NONE) {
        missed(segmentsOf(n - done), n - done);
        return;
      }
      try {
        fill(place, buffer, array, from + done, kept);
        int push = done + count == n ? CaptureFormat.PUSH : 0;
        queue.header(
            place,
            CaptureFormat.DATA,
            direction,
            push,
            end.flow.number,
            time,
            position + done,
            count,
            kept);
        if (leader != CaptureQueue.NONE) {
          queue.link(last, place);
          last = place;
        }
      } finally {
        queue.publish(place, CaptureFormat.HEADER + kept, leader == CaptureQueue.NONE);
      }
      segments.incrementAndGet();
      bytes.addAndGet(count);
      done += count;
    }
  }

  private void fill(long place, ByteBuffer buffer, byte[] array, int from, int count) {
    if (buffer != null) {
      queue.fill(place, buffer, from, count);
    } else {
      queue.fill(place, array, from, count);
    }
  }

  private void resetByPeer(End end) {
    if (end != null && !end.peerIsHere) {
      put(CaptureFormat.RESET, end, end.in());
    }
  }

  /** Queues what has no bytes, once. */
  private void put(byte kind, End end, byte direction) {
    Flow flow = end.flow;
    try {
      synchronized (flow) {
        if (kind == CaptureFormat.RESET
            ? flow.reset
            : kind == CaptureFormat.FIN && isOver(flow, direction)) {
          return;
        }
        flow.reset |= kind == CaptureFormat.RESET;
        flow.ended[direction] |= kind == CaptureFormat.FIN;
      }
      if (!announce(flow)) {
        missed(1, 0);
        return;
      }
      long place = queue.claim(CaptureFormat.HEADER, false);
      if (place == CaptureQueue.NONE) {
        missed(1, 0);
        return;
      }
      boolean filled = false;
      try {
        queue.header(
            place, kind, direction, 0, flow.number, time(), flow.position[direction], 0, 0);
        filled = true;
      } finally {
        queue.publish(place, CaptureFormat.HEADER, filled);
      }
    } catch (RuntimeException | Error e) {
      missed(1, 0);
    }
  }

  private static boolean isOver(Flow flow, byte direction) {
    return flow.reset || flow.ended[direction];
  }

  private void missed(int count, long bytes) {
    missed.addAndGet(count);
    missedBytes.addAndGet(bytes);
  }
}
