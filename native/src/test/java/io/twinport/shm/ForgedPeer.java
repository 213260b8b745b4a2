package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Memory;
import io.twinport.posix.Messages;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.connection.Request;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.rendezvous.TwinNames;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The other end of a link, by hand: it speaks the protocol as far as a test wants it to. */
final class ForgedPeer implements AutoCloseable {
  static final int SLOTS = LinkLayout.MIN_SLOTS;
  private static final int MILLIS = 5_000;

  /** A message, with descriptors that belong to the test. */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares messages.
  static final class Message {
    final byte type;
    final ByteBuffer body;
    final int[] fds;

    Message(byte type, ByteBuffer body, int[] fds) {
      this.type = type;
      this.body = body;
      this.fds = fds;
    }
  }

  final int socket;
  final long board;
  final int boardFd;
  final int bell;

  /** The victim's bell, known once it has introduced itself. */
  int victimsBell = -1;

  /** The wires of the victim's other bells, as they have come. */
  final List<Integer> victimsOtherBells = new ArrayList<>();

  /** The own half, writable, and the victim's; known once there is a segment. */
  long own;

  long victims;

  /** Where pushes are counted: the own half of the link's first segment. */
  private long first;

  private final int ownFd;
  private final long scratch = Memory.allocate(8);
  private final List<Integer> opened = new ArrayList<>();

  /** Addresses and bytes of what is mapped, in turn. */
  private final List<Long> mapped = new ArrayList<>();

  private int portBase;
  private long pushed;
  private boolean closed;

  private ForgedPeer(int socket) throws IOException {
    assertTrue(socket >= 0, () -> "no connection: " + socket);
    UnixSocket.takesDescriptors(socket, true);
    this.socket = socket;
    boardFd = Posix.memfd("forged-board", LinkLayout.BOARD_BYTES);
    board = mapped(Posix.mapReadWrite(boardFd, 0, LinkLayout.BOARD_BYTES), LinkLayout.BOARD_BYTES);
    Posix.seal(boardFd, Posix.PEER_SEALS);
    bell = Posix.wire();
    int bytes = LinkLayout.halfBytes(SLOTS);
    ownFd = Posix.memfd("forged-half", bytes);
    own = mapped(Posix.mapReadWrite(ownFd, 0, bytes), bytes);
    first = own;
    Posix.seal(ownFd, Posix.PEER_SEALS);
    opened.addAll(List.of(socket, boardFd, bell, ownFd));
  }

  /** Connects to a listener's name and says nothing yet. */
  static ForgedPeer client(InetSocketAddress listener) throws IOException {
    return new ForgedPeer(UnixSocket.connect(TwinNames.of(listener)));
  }

  /** By a socket that is connected to a listener's name. */
  static ForgedPeer with(int socket) throws IOException {
    return new ForgedPeer(socket);
  }

  /** Takes what the victim's connect to a name that the test holds has brought. */
  static ForgedPeer server(int listener) throws IOException, InterruptedException {
    int[] client = {-1};
    Flow.eventually(
        MILLIS,
        () -> {
          try {
            client[0] = UnixSocket.accept(listener);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
          return client[0] >= 0;
        },
        "nobody connects");
    return new ForgedPeer(client[0]);
  }

  /** As {@link #client}, up to one connection: requested, and accepted by nobody yet. */
  static ForgedPeer connected(InetSocketAddress listener) throws IOException {
    ForgedPeer peer = client(listener);
    peer.hello();
    peer.segment(0);
    peer.askPermit(7, listener);
    peer.request(0, 1, 7);
    return peer;
  }

  void send(ByteBuffer message, int... fds) throws IOException {
    assertTrue(UnixSocket.send(socket, message, fds), "no room");
  }

  /** The next message; type 0 if the victim has closed the link. */
  Message receive() throws IOException {
    ByteBuffer body = ByteBuffer.allocate(LinkMessages.MAX_BYTES);
    int[] fds = new int[UnixSocket.MAX_FDS];
    Arrays.fill(fds, -1);
    int found = Posix.poll(socket, Posix.POLLIN, MILLIS, scratch);
    assertTrue(found > 0, "the victim says nothing");
    int length = Messages.receive(socket, body, fds);
    for (int fd : fds) {
      if (fd >= 0) {
        opened.add(fd);
      }
    }
    body.flip();
    Message message = new Message(length == 0 ? 0 : body.get(), body, fds);
    if (message.type == LinkMessages.BELL) {
      victimsOtherBells.add(fds[0]);
    }
    return message;
  }

  /** Whether {@link #receive} would find something at once. */
  boolean hasMessage() {
    return Posix.poll(socket, Posix.POLLIN, 0, scratch) > 0;
  }

  Message expect(byte type) throws IOException {
    Message message = receive();
    while (message.type == LinkMessages.BELL || message.type == LinkMessages.DATA) {
      message = receive();
    }
    assertEquals(type, message.type, "type of message");
    return message;
  }

  /** Waits until the victim has ended the link. */
  void expectEnd() throws IOException {
    while (receive().type != 0) {
      // What it had sent before.
    }
  }

  /** The client's side of the handshake. */
  void hello() throws IOException {
    sayHello();
    send(LinkMessages.board(), boardFd, bell);
  }

  /** The same, up to the own board. */
  void sayHello() throws IOException {
    send(LinkMessages.hello(id()));
    victimsBell = expect(LinkMessages.WELCOME).fds[1];
  }

  static byte[] id() {
    byte[] id = new byte[LinkMessages.ID_BYTES];
    new Random().nextBytes(id);
    return id;
  }

  /** Asks for a segment and maps the victim's half. */
  void segment(int id) throws IOException {
    send(LinkMessages.numbers(LinkMessages.SEGMENT, id, SLOTS), ownFd);
    Message ready = expect(LinkMessages.SEGMENT_READY);
    assertEquals(id, ready.body.getInt());
    portBase = ready.body.getInt();
    victims(ready.fds[0]);
  }

  /** Asks for the link's first segment, in which nothing stands but the count of pushes. */
  void firstSegment(int id) throws IOException {
    int half = open(Posix.memfd("forged-first", LinkLayout.halfBytes(SLOTS)));
    int bytes = LinkLayout.halfBytes(SLOTS);
    first = mapped(Posix.mapReadWrite(half, 0, bytes), bytes);
    Posix.seal(half, Posix.PEER_SEALS);
    send(LinkMessages.numbers(LinkMessages.SEGMENT, id, SLOTS), half);
    expect(LinkMessages.SEGMENT_READY);
  }

  /** The port from which a request with that slot comes. */
  int port(int slot) {
    return portBase + slot;
  }

  private void victims(int fd) throws IOException {
    int bytes = LinkLayout.halfBytes(SLOTS);
    victims = mapped(Posix.mapReadOnly(fd, 0, bytes), bytes);
    Posix.close(fd);
    opened.remove((Integer) fd);
  }

  /** The server's side of the handshake, up to a permit; the client wants one. */
  void serve() throws IOException {
    welcome();
    grant(20_000);
    send(
        LinkMessages.number(LinkMessages.PERMITTED, expect(LinkMessages.ASK_PERMIT).body.getInt()));
  }

  /** The same, up to the client's board. */
  void welcome() throws IOException {
    expect(LinkMessages.HELLO);
    send(LinkMessages.welcome(id()), boardFd, bell);
    victimsBell = expect(LinkMessages.BOARD).fds[1];
  }

  void grant(int portBase) throws IOException {
    Message asked = expect(LinkMessages.SEGMENT);
    victims(asked.fds[0]);
    send(LinkMessages.numbers(LinkMessages.SEGMENT_READY, asked.body.getInt(), portBase), ownFd);
  }

  void askPermit(int permit, InetSocketAddress listener) throws IOException {
    // With the last slot, which requests don't use.
    send(LinkMessages.askPermit(permit, 0, SLOTS - 1, listener));
    expect(LinkMessages.PERMITTED);
  }

  /** What is granted for the permit that was asked for. */
  long granted() {
    return Memory.getLongAcquire(victimsSlot(SLOTS - 1) + LinkLayout.GRANTED);
  }

  /** Says how many claims have been made with that permit. */
  void claimed(long claims) {
    Memory.putLongRelease(slot(SLOTS - 1) + LinkLayout.CLAIMED, claims);
  }

  /** The code of the verdict; -1 as long as there is none. */
  int verdict(int slot, int generation) {
    long verdict = Memory.getLongAcquire(victimsSlot(slot) + LinkLayout.VERDICT);
    return LinkLayout.generation(verdict) == generation ? LinkLayout.code(verdict) : -1;
  }

  long slot(int slot) {
    return own + LinkLayout.slotOffset(SLOTS, slot);
  }

  long victimsSlot(int slot) {
    return victims + LinkLayout.slotOffset(SLOTS, slot);
  }

  /** Puts a request and waits until it is confirmed. */
  void request(int slot, int generation, int permit) {
    ask(slot, generation, permit);
    long verdict = LinkLayout.verdict(generation, Request.CONFIRMED, 0);
    long end = System.nanoTime() + MILLIS * 1_000_000L;
    while (Memory.getLongAcquire(victimsSlot(slot) + LinkLayout.VERDICT) != verdict) {
      assertTrue(System.nanoTime() - end < 0, "no verdict");
      Thread.onSpinWait();
    }
  }

  void ask(int slot, int generation, int permit) {
    write(slot, generation, permit);
    push(slot);
  }

  /** Writes a request, which nobody hears of. */
  void write(int slot, int generation, int permit) {
    write(slot, generation, permit, 0);
  }

  /** The same, with a claim. */
  void write(int slot, int generation, int permit, long claim) {
    long at = slot(slot);
    Memory.fill(at, LinkLayout.SLOT_BYTES, (byte) 0);
    Memory.putLong(at + LinkLayout.READ_ARM, LinkLayout.NOT_ARMED);
    Memory.putLong(at + LinkLayout.SPACE_ARM, LinkLayout.NOT_ARMED);
    Memory.putLong(at + LinkLayout.CONNECT_ARM, generation);
    Memory.putInt(at + LinkLayout.PERMIT, permit);
    Memory.putLong(at + LinkLayout.CLAIM, claim);
    state(slot, generation, LinkLayout.OPEN | LinkLayout.REQUESTED);
  }

  void state(int slot, int generation, long flags) {
    Memory.putLongRelease(slot(slot) + LinkLayout.STATE, LinkLayout.word(generation, flags));
  }

  /** Pushes an event and rings the victim's own thread. */
  void push(int event) {
    enter(event);
    ring();
  }

  /** Pushes an event, which is taken by whoever polls next. */
  void pushUnheard(int event) {
    enter(event);
    count();
  }

  private void enter(int event) {
    Memory.putInt(own + LinkLayout.RING + (pushed & (SLOTS - 1)) * 4, event);
    pushed++;
    Memory.putLongRelease(own + LinkLayout.RING_TAIL, pushed);
  }

  /** Says that there is something in the event ring. */
  void ring() {
    count();
    Memory.fullFence();
    Posix.ring(victimsBell);
  }

  private void count() {
    Memory.getAndAddLong(first + LinkLayout.PUSHES, 1);
  }

  /** Sends a data segment; returns its address. */
  long data(int id, int bytes) throws IOException {
    int fd = Posix.memfd("forged-data", bytes);
    opened.add(fd);
    long address = mapped(Posix.mapReadWrite(fd, 0, bytes), bytes);
    Posix.seal(fd, Posix.PEER_SEALS);
    send(LinkMessages.numbers(LinkMessages.DATA, id, bytes), fd);
    return address;
  }

  /** Describes a part of slot 0's stream. */
  void extent(int number, long start, long reference) {
    long entry =
        slot(0)
            + LinkLayout.EXTENT_TABLE
            + (long) (number % LinkLayout.EXTENTS) * LinkLayout.EXTENT_BYTES;
    Memory.putLong(entry, start);
    Memory.putLong(entry + 8, reference);
  }

  /** Stores a word of slot 0. */
  void put(int field, long value) {
    Memory.putLongRelease(slot(0) + field, value);
  }

  int open(int fd) {
    opened.add(fd);
    return fd;
  }

  private long mapped(long address, long bytes) {
    mapped.add(address);
    mapped.add(bytes);
    return address;
  }

  /** Only the descriptors: a test may still look at what it has written. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      opened.forEach(Posix::close);
      Memory.free(scratch);
      if (victims != 0) {
        // Zeroes, for whoever may still look.
        try {
          Posix.mapZeroesOver(victims, LinkLayout.halfBytes(SLOTS));
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /** As {@link #close}, and nothing of it stays mapped. */
  void vanish() throws IOException {
    close();
    for (int i = 0; i < mapped.size(); i += 2) {
      Posix.unmap(mapped.get(i), mapped.get(i + 1));
    }
    mapped.clear();
  }
}
