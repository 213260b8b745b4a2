package io.twinport.shm;

import io.twinport.posix.Errno;
import io.twinport.posix.LingeringSocket;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.posix.StreamSocket;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.connection.Request;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.rendezvous.TwinNames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Attacks of an {@link Attacker} that connects to its victim. */
final class AsClient {
  private static final int MANY_LINKS = 64;
  private static final int MANY_SEGMENTS = 1024;
  private static final int MANY_PERMITS = 65_000;
  private static final int UNREAD_LINKS = 250;
  private static final int MANY_QUESTIONS = 4000;
  private static final int MANY_SOCKETS = 1500;
  private static final int HOARDERS = 8;
  private static final long PAUSE_NANOS = 1_000_000;
  private static final long MOST_NANOS = 5_000_000_000L;
  private static final int PERMIT = 7;

  /** What is not closed before the process ends. */
  private static final List<AutoCloseable> HELD = new ArrayList<>();

  private AsClient() {}

  static InetSocketAddress listener(String port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
  }

  /**
   * Connects to the names of a listener and of the control endpoint again and again, and sends each
   * a descriptor that takes for ever to close along with the first word.
   */
  static Attacker.Attack knock(String name, String control) {
    return () ->
        Attacker.aside(
            () -> {
              while (true) {
                sendLingering(UnixSocket.connect(name), LinkMessages.hello(ForgedPeer.id()));
                ByteBuffer half = ByteBuffer.wrap(new byte[] {'s', 't', 'a'});
                sendLingering(StreamSocket.connect(control + '\0'), half);
                Attacker.DONE.incrementAndGet();
                LockSupport.parkNanos(5 * PAUSE_NANOS);
              }
            });
  }

  /** Sends it if it is taken, and closes the socket in any case, if it is one. */
  private static void sendLingering(int socket, ByteBuffer word) throws IOException {
    if (socket < 0) {
      return;
    }
    LingeringSocket lingering = new LingeringSocket();
    boolean sent = false;
    try {
      sent = UnixSocket.send(socket, word, lingering.fd());
    } catch (IOException e) {
      if (!Attacker.isTurnedAway(e)) {
        throw e;
      }
    } finally {
      Posix.close(socket);
      if (sent) {
        HELD.add(lingering);
        lingering.closeOwn();
      } else {
        lingering.close();
      }
    }
  }

  /** Is welcome, and sends what takes for ever to close, until nobody is let in any more. */
  static Attacker.Attack linger(InetSocketAddress listener) {
    return () -> {
      long end = System.nanoTime() + MOST_NANOS;
      int socket = UnixSocket.connect(TwinNames.of(listener));
      while (socket != -Errno.ECONNREFUSED && System.nanoTime() - end < 0) {
        if (socket >= 0) {
          linger(ForgedPeer.with(socket));
        }
        LockSupport.parkNanos(20 * PAUSE_NANOS); // The last close is on its way.
        socket = UnixSocket.connect(TwinNames.of(listener));
      }
      if (socket != -Errno.ECONNREFUSED) {
        throw new IOException("strangers are still let in");
      }
    };
  }

  private static void linger(ForgedPeer peer) throws IOException {
    HELD.add(peer);
    try {
      peer.send(LinkMessages.hello(ForgedPeer.id()));
      if (peer.receive().type == LinkMessages.WELCOME) {
        LingeringSocket lingering = new LingeringSocket();
        HELD.add(lingering);
        peer.send(LinkMessages.board(), lingering.fd(), peer.bell);
        lingering.closeOwn();
        peer.expectEnd();
        Attacker.DONE.incrementAndGet();
      }
    } catch (IOException e) {
      if (!Attacker.isTurnedAway(e)) {
        throw e;
      }
    }
  }

  /** Has one and the same memory mapped as often as it can, by many links. */
  static Attacker.Attack map(InetSocketAddress listener, int bytes) {
    return () -> {
      int memory = Posix.memfd("forged-data", bytes);
      Posix.seal(memory, Posix.PEER_SEALS);
      for (int link = 0; link < MANY_LINKS; link++) {
        ForgedPeer peer = linked(listener);
        for (int id = 1; id <= MANY_SEGMENTS; id++) {
          if (!sendPatiently(peer, LinkMessages.numbers(LinkMessages.DATA, id, bytes), memory)) {
            break;
          }
          Attacker.DONE.incrementAndGet();
        }
      }
    };
  }

  private static ForgedPeer linked(InetSocketAddress listener) throws IOException {
    ForgedPeer peer = ForgedPeer.client(listener);
    HELD.add(peer);
    peer.hello();
    return peer;
  }

  /** Waits for room; false if the victim has ended the link. */
  private static boolean sendPatiently(ForgedPeer peer, ByteBuffer message, int... fds)
      throws IOException {
    try {
      while (!UnixSocket.send(peer.socket, message, fds)) {
        LockSupport.parkNanos(PAUSE_NANOS / 10);
      }
      return true;
    } catch (IOException e) {
      if (Attacker.isTurnedAway(e)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Gives a wire that whoever reads it waits for, has it rung all the time, and does all it can
   * with those of the victim.
   */
  static Attacker.Attack wires(InetSocketAddress listener) {
    return () -> {
      ForgedPeer peer = ForgedPeer.client(listener);
      HELD.add(peer);
      peer.sayHello();
      peer.send(LinkMessages.board(), peer.boardFd, blockingWire());
      peer.segment(0);
      peer.askPermit(PERMIT, listener);
      peer.request(0, 1, PERMIT);
      abuse(peer.victimsBell);
      for (int wire : peer.victimsOtherBells) {
        abuse(wire);
      }
      Attacker.aside(
          () -> {
            for (int generation = 1; ; generation++) {
              for (int slot = 1; slot < ForgedPeer.SLOTS - 1; slot++) {
                peer.ask(slot, generation, PERMIT + 1); // Answered, as there is no such.
                fallAsleep(peer);
              }
              for (int slot = 1; slot < ForgedPeer.SLOTS - 1; slot++) {
                awaitVerdict(peer, slot, generation);
              }
              Attacker.DONE.incrementAndGet();
            }
          });
    };
  }

  /** An event descriptor without a count that whoever reads waits at. */
  static int blockingWire() throws IOException {
    int wire = Posix.eventfd();
    Posix.setBlocking(wire, true);
    return wire;
  }

  /** Says once more that seat 0 sleeps, which has to be rung for what comes next. */
  static void fallAsleep(ForgedPeer peer) {
    long sequence = Memory.getLong(peer.board);
    Memory.putLongRelease(peer.board, (sequence | 1) + 2);
  }

  /** Fills a wire of the victim's, has it block, and counts it down, all at the same time. */
  static void abuse(int wire) throws IOException {
    int again = reopened(wire);
    if (again >= 0) {
      throw new IOException("a wire was opened anew");
    }
    Attacker.aside(
        () -> {
          while (true) { // Waits while the count is as high as it can be.
            Posix.setBlocking(wire, true);
            Posix.signal(wire);
          }
        });
    Attacker.aside(
        () -> {
          while (true) {
            Posix.setBlocking(wire, false);
            for (int i = 0; i < 100; i++) {
              Posix.drain(wire);
            }
            Posix.setBlocking(wire, true);
            LockSupport.parkNanos(PAUSE_NANOS);
          }
        });
  }

  private static int reopened(int wire) {
    try (java.io.RandomAccessFile file =
        new java.io.RandomAccessFile("/proc/self/fd/" + wire, "rw")) {
      return file.getFilePointer() == 0 ? wire : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  /** Asks for a permit to the same listener as often as it can, by one link after the other. */
  static Attacker.Attack attach(InetSocketAddress listener, int links) {
    return () -> {
      for (int i = 0; i < links; i++) {
        ForgedPeer peer = linked(listener);
        peer.segment(0);
        askPermits(peer, listener);
      }
    };
  }

  /** As long as the link lasts. */
  private static void askPermits(ForgedPeer peer, InetSocketAddress listener) throws IOException {
    for (int id = MANY_PERMITS; id > 0; id--) {
      if (!sendPatiently(peer, LinkMessages.askPermit(id, 0, ForgedPeer.SLOTS - 1, listener))) {
        return;
      }
      Attacker.DONE.incrementAndGet();
      // The victim takes it ill if its answers are left lying.
      while (id % 64 == 0 && peer.hasMessage()) {
        if (peer.receive().type == 0) {
          return;
        }
      }
    }
  }

  /** Asks again and again, by many links, and never reads an answer. */
  static Attacker.Attack unread(InetSocketAddress listener) {
    return () -> {
      for (int i = 0; i < UNREAD_LINKS; i++) {
        int socket = UnixSocket.connect(TwinNames.of(listener));
        if (socket < 0) {
          LockSupport.parkNanos(PAUSE_NANOS);
          continue;
        }
        ForgedPeer peer = ForgedPeer.with(socket);
        HELD.add(peer);
        try {
          peer.hello();
          askInVain(peer);
        } catch (IOException | AssertionError e) {
          Attacker.DONE.incrementAndGet(); // It was not let in, or not any more.
        }
      }
    };
  }

  private static void askInVain(ForgedPeer peer) throws IOException {
    // Each brings an answer: there is no such memory left, or no such listener.
    InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    peer.segment(0);
    for (int id = 1; id <= MANY_QUESTIONS; id++) {
      if (!UnixSocket.send(
          peer.socket, LinkMessages.askPermit(id, 0, ForgedPeer.SLOTS - 1, nobody), new int[0])) {
        LockSupport.parkNanos(PAUSE_NANOS / 10);
      }
      Attacker.DONE.incrementAndGet();
    }
  }

  /** Connects without a word, all the time; the oldest go, so that there are always new ones. */
  static Attacker.Attack silent(InetSocketAddress listener) {
    return () ->
        Attacker.aside(
            () -> {
              ArrayDeque<Integer> sockets = new ArrayDeque<>();
              while (true) {
                int socket = UnixSocket.connect(TwinNames.of(listener));
                if (socket >= 0) {
                  sockets.add(socket);
                  Attacker.DONE.incrementAndGet();
                } else {
                  LockSupport.parkNanos(PAUSE_NANOS);
                }
                if (sockets.size() > MANY_SOCKETS) {
                  Posix.close(sockets.remove());
                }
              }
            });
  }

  /** Sends a wire for every seat that there can be, and then for those again and again. */
  static Attacker.Attack bells(InetSocketAddress listener) {
    return () -> {
      ForgedPeer peer = linked(listener);
      Attacker.aside(
          () -> {
            int wire = Posix.wire();
            while (true) {
              for (int number = 1; number < LinkLayout.SEATS; number++) {
                if (!sendPatiently(peer, LinkMessages.number(LinkMessages.BELL, number), wire)) {
                  throw new IOException("the link has ended");
                }
                Attacker.DONE.incrementAndGet();
              }
            }
          });
    };
  }

  /**
   * Has an echo server fill data segments, and keeps each of them when the server has dropped it,
   * and when it has ended the link; counts the bytes that it has.
   */
  static Attacker.Attack hoard(InetSocketAddress listener) {
    return () -> {
      for (int i = 0; i < HOARDERS; i++) {
        Attacker.aside(
            () -> {
              while (true) {
                hoardByALink(listener);
                LockSupport.parkNanos(100 * PAUSE_NANOS);
              }
            });
      }
    };
  }

  private static void hoardByALink(InetSocketAddress listener) throws IOException {
    int socket = UnixSocket.connect(TwinNames.of(listener));
    if (socket < 0) {
      return;
    }
    ForgedPeer peer = ForgedPeer.with(socket); // Never closed.
    try {
      peer.hello();
      peer.segment(0);
      peer.askPermit(PERMIT, listener);
      peer.data(1, LinkLayout.MAX_UNREAD);
      for (int generation = 1; hoard(peer, generation); generation++) {
        // Until the victim has had enough.
      }
    } catch (IOException e) {
      if (!Attacker.isTurnedAway(e)) {
        throw e;
      }
    } catch (AssertionError e) {
      if (!peer.hasMessage()) {
        throw e; // It was not turned away.
      }
    }
  }

  /**
   * One connection: much goes out, comes back and is left lying for a while; false if the link has
   * ended.
   */
  private static boolean hoard(ForgedPeer peer, int generation) throws IOException {
    Segments kept = new Segments();
    int all = LinkLayout.MAX_UNREAD;
    peer.ask(0, generation, PERMIT);
    if (awaitVerdict(peer, 0, generation) != Request.CONFIRMED) {
      LockSupport.parkNanos(100 * PAUSE_NANOS);
      return kept.take(peer);
    }
    peer.extent(0, 0, LinkLayout.reference(1, 0, LinkLayout.MAX_CHUNK_LOG2));
    peer.put(LinkLayout.EXTENT_COUNT, 1);
    peer.put(LinkLayout.TAIL, all);
    peer.push(0);
    long tail = peer.victimsSlot(0) + LinkLayout.TAIL;
    long last = 0;
    long since = System.nanoTime();
    for (long now = 0; now < all; now = Memory.getLongAcquire(tail)) {
      if (!kept.take(peer)) {
        return false;
      }
      if (now != last) {
        last = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > 100 * PAUSE_NANOS) {
        peer.put(LinkLayout.HEAD, now); // The server has no more memory for this.
        peer.push(0);
        since = System.nanoTime();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    peer.put(LinkLayout.HEAD, all);
    peer.state(0, generation, LinkLayout.OPEN | LinkLayout.FIN | LinkLayout.CLOSED);
    peer.push(0);
    long state = peer.victimsSlot(0) + LinkLayout.STATE;
    long done = LinkLayout.word(generation, LinkLayout.DONE);
    while ((Memory.getLongAcquire(state) & done) != done) {
      if (!kept.take(peer)) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    // Until the server has given them up, if it does.
    long end = System.nanoTime() + MOST_NANOS;
    while (kept.count > 0 && System.nanoTime() - end < 0) {
      if (!kept.take(peer)) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }

  /** Returns the code of the victim's answer to a request, as if it were dropped if none comes. */
  private static int awaitVerdict(ForgedPeer peer, int slot, int generation) {
    long end = System.nanoTime() + MOST_NANOS;
    while (System.nanoTime() - end < 0) {
      long verdict = Memory.getLongAcquire(peer.victimsSlot(slot) + LinkLayout.VERDICT);
      int code = LinkLayout.code(verdict);
      if (LinkLayout.generation(verdict) == generation && code != Request.ADMITTED) {
        return code;
      }
      LockSupport.parkNanos(PAUSE_NANOS / 10);
    }
    return Request.DROPPED;
  }

  /** The segments that a server has, by its own account. */
  private static final class Segments {
    private int count;

    /** Takes the messages that have come, and keeps what they bring; false at the link's end. */
    boolean take(ForgedPeer peer) throws IOException {
      while (peer.hasMessage()) {
        ForgedPeer.Message message = peer.receive();
        if (message.type == LinkMessages.DATA) {
          LinkMessages.number(message.body);
          Attacker.DONE.addAndGet(LinkMessages.number(message.body));
          count++;
        } else if (message.type == LinkMessages.DROP_DATA) {
          count--;
        } else if (message.type == 0) {
          return false;
        }
      }
      return true;
    }
  }
}
