package io.twinport.shm.connection;

import io.twinport.config.Hints;
import io.twinport.posix.Memory;
import io.twinport.shm.link.Link;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A client's request for a connection and the server's verdict: one automaton of two words in the
 * halves of a slot. Each word has one writer. Both have the generation of the slot's use in them,
 * and what is there with another generation does not count.
 *
 * <pre>
 *   STATE, in the client's half; the client's end writes, under its monitor:
 *
 *     (free) ---put--> REQUESTED ---withdraw--> REQUESTED, CANCELLED
 *                          |                        |
 *                          |                        | keep: CONFIRMED was faster
 *                          v                        v
 *                        OPEN: flags of the streams from here on, once it is CONFIRMED
 *
 *   VERDICT, in the server's half; whoever drains the event ring writes, under the drain lock,
 *   and where there is a listener also under its monitor:
 *
 *     none ---deny--> NO_LISTENER   the permit is unknown, or the listener is closed
 *      |  \---deny--> USE_TCP       with the reason: the address, off, held, memory, the backlog
 *      |  \---deny--> REFUSED       the backlog is full
 *      |  \---deny--> DROPPED       CANCELLED is there already
 *      |
 *      admit
 *      |
 *      v
 *     ADMITTED ---deny--> DROPPED   CANCELLED, or another generation, is there; or the link is dead
 *      |
 *      confirm, with the connection in the listener's queue
 *      |
 *      v
 *     CONFIRMED
 * </pre>
 *
 * <p>All verdicts but ADMITTED are final. What the client makes of them:
 *
 * <pre>
 *   CONFIRMED               a connection, also where it has been withdrawn
 *   REFUSED                 ConnectException
 *   USE_TCP                 SanUnavailableException with the reason
 *   NO_LISTENER, DROPPED    the listener is looked up again, once; then NO_TWIN
 *   none, ADMITTED          only if the link is dead: looked up again, once; then PEER_GONE
 * </pre>
 *
 * <p>A request with a claim that was granted ({@link Claims}) is a connection for its client as
 * soon as it is put: that is never withdrawn, and REQUESTED stays in STATE, beside the flags of the
 * streams, until CONFIRMED was seen. The server confirms it unless the listener is closed or the
 * address is somebody else's; any other final verdict, or the end of the link, resets it.
 *
 * <p>Why TCP is only chosen when the request is certainly withdrawn: {@code withdraw} stores
 * CANCELLED, makes a full fence and loads VERDICT; {@code admit} stores ADMITTED, makes a full
 * fence and loads STATE, before {@code confirm}. If the client finds no verdict, the server will
 * find CANCELLED, and deny. If it finds ADMITTED, the server is between the two, and its next store
 * decides: the client waits for that a moment, and if it does not come the connect fails with
 * {@code Connection timed out} and does not go to TCP. Where that request is confirmed after all,
 * its connection is reset ({@link ShmConnection#tryEnd}). Modelled in {@code accept.pml}, with the
 * queue, which never holds more than its backlog.
 *
 * <p>An Error may stop the server behind any store. A request without a final verdict is decided
 * again, by whoever drains next: if its connection is in the queue, it is confirmed.
 */
public final class Request {
  /** No verdict yet. */
  static final int NONE = 0;

  /** The server looks whether the client has given up, and decides with its next store. */
  public static final int ADMITTED = 1;

  public static final int CONFIRMED = 2;
  static final int REFUSED = 3;
  public static final int USE_TCP = 4;
  public static final int NO_LISTENER = 5;
  public static final int DROPPED = 6;

  /**
   * How long to wait for a server between its two stores of a verdict; it needs none of this unless
   * it is stopped.
   */
  private static final int MOST_SPINS = 100_000;

  private Request() {}

  /** A value of VERDICT that carries no reason. */
  static long verdict(int generation, int code) {
    return LinkLayout.verdict(generation, code, 0);
  }

  /** USE_TCP, as a value of VERDICT. */
  static long useTcp(int generation, Reason reason) {
    return LinkLayout.verdict(generation, USE_TCP, reason.onWire());
  }

  static boolean isConfirmed(long verdict) {
    return LinkLayout.code(verdict) == CONFIRMED;
  }

  static boolean isFinal(int code) {
    return code > ADMITTED;
  }

  /**
   * The verdict on a request.
   *
   * @param servers the slot in the server's half
   */
  static int code(long servers, int generation) {
    long verdict = Memory.getLongAcquire(servers + LinkLayout.VERDICT);
    return LinkLayout.generation(verdict) == generation ? LinkLayout.code(verdict) : NONE;
  }

  // -- the client's end; it holds the connection's monitor

  /**
   * Writes what the request says, before it is put.
   *
   * @param bound the address that the application has bound, or null
   */
  static void write(long own, int permit, InetSocketAddress bound) {
    Memory.putInt(own + LinkLayout.PERMIT, permit);
    Memory.putInt(own + LinkLayout.PORT, bound == null ? 0 : bound.getPort());
    boolean anyAddress = bound == null || bound.getAddress().isAnyLocalAddress();
    byte[] address = anyAddress ? new byte[0] : bound.getAddress().getAddress();
    Memory.putInt(own + LinkLayout.FAMILY, address.length);
    Memory.copy(address, 0, own + LinkLayout.ADDRESS, address.length);
  }

  /** From here on the request stands in shared memory. */
  static void put(long own, int generation) {
    store(own, generation, LinkLayout.OPEN | LinkLayout.REQUESTED);
  }

  /** Has the server ring a seat when it has decided. A look at {@link #code} has to follow. */
  static void arm(long own, int generation, int seat) {
    Memory.putLong(own + LinkLayout.READ_SEAT, seat);
    Memory.putLongRelease(own + LinkLayout.CONNECT_ARM, generation);
    Memory.fullFence();
  }

  /**
   * The verdict once the request is marked as given up: {@link #ADMITTED} if the server does not
   * get on, {@link #NONE} if there is none and will be none but {@link #DROPPED}.
   */
  static int withdraw(long own, long servers, int generation, Link link) {
    store(own, generation, LinkLayout.OPEN | LinkLayout.REQUESTED | LinkLayout.CANCELLED);
    Memory.fullFence();
    int code = code(servers, generation);
    for (int spins = 0; code == ADMITTED && spins < MOST_SPINS && !link.isDead(); spins++) {
      Hints.onSpinWait();
      code = code(servers, generation);
    }
    return code;
  }

  /** The request was withdrawn too late, and is a connection. */
  static void keep(long own, int generation) {
    store(own, generation, LinkLayout.OPEN);
  }

  private static void store(long own, int generation, long flags) {
    Memory.putLongRelease(own + LinkLayout.STATE, LinkLayout.word(generation, flags));
  }

  /** Why a request is no connection, by its verdict; that of a dead link may not be final. */
  static IOException failure(int code, long servers) {
    return switch (code) {
      case REFUSED -> new ConnectException("Connection refused");
      case USE_TCP ->
          new SanUnavailableException(
              Reason.ofWire(LinkLayout.reason(Memory.getLong(servers + LinkLayout.VERDICT))));
      case NONE, ADMITTED -> new SanUnavailableException(Reason.PEER_GONE);
      default -> new SanUnavailableException(Reason.NO_TWIN);
    };
  }

  /** Whether the listener that was known is gone: another process may listen there by now. */
  static boolean callsForAnotherLook(int code) {
    return code != REFUSED && code != USE_TCP;
  }

  // -- the server's end

  /** Whether a request stands in a client's STATE. */
  static boolean isPut(long state) {
    return (state & LinkLayout.REQUESTED) != 0;
  }

  /**
   * The address that a client says that it has bound; null if there can't be one.
   *
   * @param length of the address, in bytes, as the client says
   */
  static InetAddress boundAddress(long clients, int length) {
    if (length != 4 && length != 16) {
      return null;
    }
    byte[] bytes = new byte[length];
    Memory.copy(clients + LinkLayout.ADDRESS, bytes, 0, length);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (IOException e) {
      throw new AssertionError("4 and 16 bytes are addresses", e);
    }
  }

  /** Whether the client has given its request up. */
  static boolean isWithdrawn(long clients) {
    return (Memory.getLongAcquire(clients + LinkLayout.STATE) & LinkLayout.CANCELLED) != 0;
  }

  /**
   * Admits a request, unless its client gives it up at this moment.
   *
   * @return whether it may be confirmed; else it has to be {@link #DROPPED}
   */
  static boolean admit(long own, long clients, int generation) {
    decide(own, verdict(generation, ADMITTED));
    Memory.fullFence();
    long state = Memory.getLongAcquire(clients + LinkLayout.STATE);
    return (state & LinkLayout.CANCELLED) == 0 && LinkLayout.generation(state) == generation;
  }

  /** Confirms a request that was admitted. */
  static long confirm(long own, int generation) {
    long verdict = verdict(generation, CONFIRMED);
    decide(own, verdict);
    return verdict;
  }

  /** Stores a final verdict that is not {@link #CONFIRMED}. */
  static void deny(long own, long verdict) {
    decide(own, verdict);
  }

  /**
   * The seat that the client has armed; -1 if it has armed none. Behind the verdict and a full
   * fence: the client stores its arm, makes a full fence and looks for the verdict before it
   * sleeps.
   */
  static int armedSeat(long clients, int generation) {
    return Memory.getLongAcquire(clients + LinkLayout.CONNECT_ARM) == generation
        ? Math.max(0, (int) Memory.getLongAcquire(clients + LinkLayout.READ_SEAT))
        : -1;
  }

  private static void decide(long own, long verdict) {
    Memory.putLongRelease(own + LinkLayout.VERDICT, verdict);
  }
}
