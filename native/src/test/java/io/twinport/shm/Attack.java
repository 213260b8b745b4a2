package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Errno;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.Memory;
import io.twinport.posix.Messages;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * A peer that keeps the protocol for a while, and then does what is chosen for it: it mutates the
 * words it shares and says what it likes, while the victim reads, writes, waits and closes. What
 * the victim's methods throw has to be an {@link IOException}.
 */
abstract class Attack implements AutoCloseable {
  /** The slots that connections are made with. */
  static final int SLOTS_USED = 4;

  /** Who can't connect any more has spoilt the rings, or the victim has had enough. */
  private static final int MOST_FAILURES = 5;

  private static final byte NO_MESSAGE = 99;

  private static final int DATA_LOG2 = 16;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  /** What is written that means something somewhere. */
  private static final long[] LIKELY = {
    0,
    1,
    2,
    -1,
    7,
    LinkLayout.EXTENTS - 1,
    LinkLayout.EXTENTS,
    ForgedPeer.SLOTS - 1,
    ForgedPeer.SLOTS,
    LinkLayout.SEATS - 1,
    LinkLayout.SEATS,
    1L << LinkLayout.MIN_CHUNK_LOG2,
    65_535,
    65_536,
    LinkLayout.MAX_UNREAD,
    LinkLayout.MAX_UNREAD + 1L,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xffffffffL,
    1L << 32,
    1L << 47,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final int[] NUMBERS = {
    0, 1, 2, 3, 7, 63, 64, 65, 128, 1024, 1025, 4096, 65_536, 1 << 22, 1 << 23, -1
  };

  /** A seat of nobody, which the provider's own thread posts to. */
  private static final class NoBell extends Seat {
    NoBell() {
      super(null);
    }

    @Override
    public void post(SanTarget target) {
      assertTrue(target != null, "a post for nothing");
    }
  }

  final Choices choices;
  final Listening listening;

  /** Null until it has come so far. */
  ForgedPeer peer;

  /** The victim's end; null if there is none. */
  SanConnection victim;

  /** The slot and the use of it that the connection has. */
  int slot;

  int generation = 1;

  /** Stores and messages that need not be what the protocol has. */
  private long mutations;

  private final Seat seat = new NoBell();
  private final ByteBuffer message = ByteBuffer.allocate(LinkMessages.MAX_BYTES);
  private final int[] received = new int[UnixSocket.MAX_FDS];
  private ByteBuffer buffer = ByteBuffer.allocate(1 << 13);
  private boolean ended;

  /** How often in turn no connection was to be had. */
  private int failures;

  Attack(Listening listening, Choices choices) {
    this.listening = listening;
    this.choices = choices;
  }

  /** Comes so far that there is a connection; false if it was chosen to go wrong before. */
  abstract boolean open() throws IOException;

  /** Has the victim's end of one more connection made, on the same link; null if it was not. */
  abstract SanConnection connect() throws IOException;

  /** Does what only this side does. */
  abstract void special();

  final long mutations() {
    return mutations;
  }

  final void mutated() {
    mutations++;
  }

  /** Goes on for at most {@code most} mutations, or until the victim has ended the link. */
  final void run(long most) throws IOException {
    if (!open()) {
      return;
    }
    beginStream();
    for (int i = 1; choices.more() && mutations < most && !ended; i++) {
      step();
      if (i % 64 == 0) {
        listen();
      }
    }
  }

  /** Says what is chosen, from wherever it has come to, and at last what no link survives. */
  final void talk() throws IOException {
    if (open()) {
      while (choices.more() && !ended) {
        if (choices.below(4) == 0) {
          step();
        } else {
          say();
        }
        mutations++;
      }
    }
    send(ByteBuffer.wrap(new byte[] {NO_MESSAGE}));
    assertTrue(eventually(this::isOver), "the link goes on");
  }

  private boolean isOver() throws IOException {
    listen();
    return ended;
  }

  private void step() throws IOException {
    switch (choices.below(24)) {
      case 0, 1, 2 -> store(anySlot() + 8L * choices.below(LinkLayout.SLOT_BYTES / 8));
      case 3, 4 -> store(peer.slot(slot) + 8L * choices.below(LinkLayout.URGENT_INLINE / 8 + 1));
      case 5 -> store(peer.board + 8L * choices.below(LinkLayout.BOARD_BYTES / 8));
      case 6, 7 -> extent();
      case 8 -> flags();
      case 9 -> special();
      case 10, 11 -> event();
      case 12 -> seldom();
      case 13, 14 -> rightWrite();
      case 15 -> rightRead();
      case 16, 17 -> use(() -> victim.read(some()));
      case 18 -> use(() -> victim.write(some()));
      case 19 -> use(this::look);
      case 20 -> use(() -> victim.arm(choices.below(1 << 5), seat));
      case 21 -> listening.through.poll(true);
      case 22 -> renew();
      default -> {
        listening.through.poll(choices.below(2) == 0);
        use(() -> victim.read(some()));
      }
    }
  }

  // -- what it writes

  private long anySlot() {
    return peer.slot(choices.below(SLOTS_USED));
  }

  private void store(long address) {
    mutated();
    Memory.putLongRelease(address, not(Memory.getLong(address)));
  }

  /** Something else than what is true, most of the time, and often near to it. */
  final long not(long truth) {
    return switch (choices.below(6)) {
      case 0 -> LIKELY[choices.below(LIKELY.length)];
      case 1, 2 -> truth + choices.below(256) - 128;
      case 3 -> truth ^ (1L << choices.below(Long.SIZE));
      case 4 -> (truth & 0xffffffffL) | ((long) choices.below(4) << 32);
      default -> choices.bits();
    };
  }

  private void extent() {
    mutated();
    long entry =
        peer.slot(slot)
            + LinkLayout.EXTENT_TABLE
            + (long) choices.below(LinkLayout.EXTENTS) * LinkLayout.EXTENT_BYTES;
    if (choices.below(2) == 0) {
      Memory.putLong(entry, not(Memory.getLong(peer.slot(slot) + LinkLayout.TAIL)));
    } else {
      long reference =
          LinkLayout.reference(
              choices.below(4), choices.below(32) << 12, LinkLayout.MIN_CHUNK_LOG2 - 2);
      Memory.putLong(entry + 8, reference + choices.below(16));
    }
    if (choices.below(2) == 0) {
      Memory.getAndAddLong(peer.slot(slot) + LinkLayout.EXTENT_COUNT, 1);
    }
  }

  private void flags() {
    mutated();
    int use = choices.below(8) == 0 ? (int) not(generation) : generation;
    int flags = choices.below(128);
    if (choices.below(4) != 0) {
      // One that ends nothing, most of the time.
      flags &= (int) ~(LinkLayout.FIN | LinkLayout.CLOSED | LinkLayout.RESET | LinkLayout.DONE);
    }
    peer.state(slot, use, flags);
  }

  private void event() {
    peer.pushUnheard(choices.below(SLOTS_USED));
    if (choices.below(16) == 0) {
      peer.ring();
    }
  }

  /** What most links do not survive. */
  private void seldom() throws IOException {
    switch (choices.below(8)) {
      case 0 -> {
        long words = LinkLayout.RING / 8 + ForgedPeer.SLOTS / 2;
        store(peer.own + 8L * choices.below((int) words));
      }
      case 1 -> {
        mutated();
        peer.pushUnheard((int) not(slot));
      }
      case 2, 3 -> say();
      case 4 -> use(() -> victim.shutdownOutput());
      default -> rightWrite();
    }
  }

  // -- what it says

  /** Says something of the form of a message. */
  final void say() throws IOException {
    mutated();
    if (choices.below(8) == 0) {
      sayAnything();
      return;
    }
    byte type = (byte) (choices.below(16) == 0 ? choices.below(256) : choices.below(16));
    message.clear().put(type);
    for (int i = choices.below(5); i > 0; i--) {
      int choice = choices.below(NUMBERS.length + 1);
      message.putInt(choice < NUMBERS.length ? NUMBERS[choice] : (int) choices.bits());
    }
    if (choices.below(2) == 0) {
      byte[] host = listening.address().getAddress().getAddress();
      message.putInt(listening.address().getPort()).put((byte) host.length).put(host);
    }
    for (int i = choices.below(16) == 0 ? choices.below(16) : 0; i > 0; i--) {
      message.put((byte) choices.below(256));
    }
    if (choices.below(8) == 0) {
      message.position(1 + choices.below(message.position()));
    }
    int count = choices.below(8) == 0 ? choices.below(4) : LinkMessages.descriptors(type);
    int[] fds = new int[count];
    for (int i = 0; i < count; i++) {
      fds[i] = choices.below(8) == 0 ? anyDescriptor() : rightDescriptor(type, i);
    }
    send(message.flip(), fds);
  }

  /** Any bytes, and descriptors. */
  private void sayAnything() throws IOException {
    byte[] bytes = new byte[choices.below(LinkMessages.MAX_BYTES + 8)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) choices.below(256);
    }
    int[] fds = new int[choices.below(4)];
    for (int i = 0; i < fds.length; i++) {
      fds[i] = anyDescriptor();
    }
    send(ByteBuffer.wrap(bytes), fds);
  }

  private int rightDescriptor(byte type, int place) throws IOException {
    return switch (type) {
      case LinkMessages.DATA -> memory(message.position() > 9 ? message.getInt(5) : 1 << 12);
      case LinkMessages.SEGMENT, LinkMessages.SEGMENT_READY ->
          memory(LinkLayout.halfBytes(ForgedPeer.SLOTS));
      case LinkMessages.BELL -> peer.bell;
      default -> place == 0 ? peer.boardFd : peer.bell;
    };
  }

  private int anyDescriptor() throws IOException {
    return switch (choices.below(5)) {
      case 0 -> peer.boardFd;
      case 1 -> peer.bell;
      case 2 -> peer.socket;
      case 3 -> peer.open(Posix.memfd("forged", 1 << 12));
      default -> memory(1 << (LinkLayout.MIN_CHUNK_LOG2 + choices.below(4)));
    };
  }

  private int memory(int bytes) throws IOException {
    return HostilePeer.memory(peer, Math.max(1 << 12, Math.min(bytes & -(1 << 12), 1 << 18)));
  }

  final void send(ByteBuffer bytes, int... fds) throws IOException {
    try {
      if (bytes.hasRemaining()) {
        UnixSocket.send(peer.socket, bytes, fds);
      }
    } catch (ErrnoException e) {
      checkGone(e);
      ended = true;
    }
  }

  private static void checkGone(ErrnoException e) throws IOException {
    if (e.errno() != Errno.EPIPE && e.errno() != Errno.ECONNRESET && e.errno() != Errno.EPERM) {
      throw e;
    }
  }

  /** Takes what the victim has said, all of it, and notes whether it has ended the link. */
  final void listen() throws IOException {
    int type;
    do {
      type = hear();
    } while (type > 0);
    ended |= type == 0;
  }

  /** Takes a message; returns its type, 0 at the end of the stream, -1 if there is none. */
  private int hear() throws IOException {
    int length = Messages.receive(peer.socket, message.clear(), received);
    for (int fd : received) {
      if (fd >= 0) {
        Posix.close(fd);
      }
    }
    return length > 0 ? message.get(0) : length;
  }

  // -- what is right

  /** Lays out a stream that the victim reads without a complaint. */
  final void beginStream() throws IOException {
    if (!ended) {
      describe();
      send(LinkMessages.numbers(LinkMessages.DATA, 1, 1 << DATA_LOG2), memory(1 << DATA_LOG2));
    }
  }

  private void describe() {
    long at = peer.slot(slot);
    Memory.putLong(at + LinkLayout.EXTENT_TABLE, 0);
    Memory.putLong(at + LinkLayout.EXTENT_TABLE + 8, LinkLayout.reference(1, 0, DATA_LOG2));
    Memory.putLongRelease(at + LinkLayout.EXTENT_COUNT, 1);
  }

  private void rightWrite() {
    long tail = Memory.getLong(peer.slot(slot) + LinkLayout.TAIL);
    long head = Memory.getLongAcquire(peer.victimsSlot(slot) + LinkLayout.HEAD);
    long room = (1 << DATA_LOG2) - (tail - head);
    if (room > 0 && room <= 1 << DATA_LOG2) {
      long written = Math.min(room, 1 + choices.below(1 << 12));
      Memory.putLongRelease(peer.slot(slot) + LinkLayout.TAIL, tail + written);
    }
  }

  private void rightRead() {
    long tail = Memory.getLongAcquire(peer.victimsSlot(slot) + LinkLayout.TAIL);
    Memory.putLongRelease(peer.slot(slot) + LinkLayout.HEAD, tail);
  }

  // -- what the victim does

  /** A call that may fail, as any may that has to do with such a peer. */
  @FunctionalInterface
  private interface Call {
    void run() throws IOException;
  }

  private void use(Call call) throws IOException {
    if (victim == null) {
      renew();
      return;
    }
    try {
      call.run();
    } catch (IOException e) {
      if (choices.below(2) == 0) {
        renew();
      }
    }
  }

  private ByteBuffer some() {
    return buffer.clear().limit(1 + choices.below(buffer.capacity()));
  }

  private void look() throws IOException {
    victim.readyEvents(-1);
    assertTrue(victim.available() >= 0, "bytes to read");
    assertTrue(victim.unreadByPeer() >= 0, "bytes that are unread");
    victim.takeUrgentInline(choices.below(2) == 0);
    if (choices.below(4) == 0) {
      victim.writeUrgent((byte) 1);
    }
    victim.readyEvents(NetworkEvent.READ);
  }

  private void renew() throws IOException {
    leave();
    victim = ended ? null : connect();
    if (victim != null) {
      failures = 0;
      describe();
    } else if (++failures == MOST_FAILURES) {
      ended = true;
    }
  }

  private void leave() {
    if (victim != null) {
      if (choices.below(2) == 0) {
        victim.close();
      } else {
        victim.abort();
      }
      victim = null;
    }
  }

  /** Looks again and again, taking what has been pushed. */
  final boolean eventually(Look look) throws IOException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!look.isTrue()) {
      listening.through.poll(true);
      Thread.onSpinWait();
      if (System.nanoTime() - end > 0) {
        return false;
      }
    }
    return true;
  }

  @FunctionalInterface
  interface Look {
    boolean isTrue() throws IOException;
  }

  /** Empties the listener's queue, of which the forger may have filled any part. */
  final SanConnection accept(InetSocketAddress client) throws IOException {
    SanConnection wanted = null;
    for (SanConnection next = listening.listener.accept();
        next != null;
        next = listening.listener.accept()) {
      if (wanted == null && next.remoteAddress().equals(client)) {
        wanted = next;
      } else {
        next.abort();
      }
    }
    return wanted;
  }

  final void end() {
    ended = true;
  }

  /** Leaves nothing behind. The victim's ends are closed before the link is, or after it. */
  @Override
  public void close() throws IOException {
    boolean before = choices.below(2) == 0;
    if (before) {
      leave();
    }
    if (peer != null) {
      peer.vanish();
    }
    leave();
    Arrays.fill(received, -1);
    accept(null);
  }
}
