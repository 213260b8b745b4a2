package io.twinport.shm.connection;

import io.twinport.config.Log;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.link.LinkMessages;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The permits that a client's link has asked for, and those that it was given; each takes a slot.
 * All that concerns them is done on the node's thread.
 */
final class ClientPermits {
  private record Asking(
      InetSocketAddress destination, ControlSegment segment, int slot, Claims claims) {}

  private final ClientLink link;
  private final PermitHolder holder;

  final AtomicInteger nextId = new AtomicInteger();
  private final Map<Integer, Asking> asking = new ConcurrentHashMap<>();
  private final Map<Integer, Asking> granted = new HashMap<>();

  ClientPermits(ClientLink link, PermitHolder holder) {
    this.link = link;
    this.holder = holder;
  }

  /** Uses a slot to ask for a permit for {@code destination}. */
  ClientLink.SlotUser asking(InetSocketAddress destination) {
    return new ClientLink.SlotUser() {
      @Override
      public void slot(ControlSegment segment, int slot, int generation) {
        int id = freeId();
        boolean asks = false;
        try {
          ByteBuffer message = LinkMessages.askPermit(id, segment.id, slot, destination);
          asking.put(id, new Asking(destination, segment, slot, new Claims(segment, slot)));
          asks = true;
          link.ask(message);
        } finally {
          if (!asks) {
            link.freeSlot(segment, slot);
          }
        }
      }

      @Override
      public void failed(IOException why) {
        holder.notPermitted(destination, why);
      }

      @Override
      public boolean isWanted() {
        return true;
      }
    };
  }

  private int freeId() {
    int id = nextId.incrementAndGet();
    while (asking.containsKey(id) || granted.containsKey(id)) {
      id = nextId.incrementAndGet();
    }
    return id;
  }

  void permitted(int id) throws IOException {
    Asking attempt = asking.get(id);
    if (attempt == null) {
      throw new IOException("permit " + id + " was not asked for");
    }
    // granted in any case, until the server says that it is not; so the slot stays taken
    granted.put(id, attempt);
    InetAddress localHost;
    try {
      localHost = link.links.sourceFor(attempt.destination);
    } catch (IOException e) {
      holder.notPermitted(
          attempt.destination,
          new SanUnavailableException(Reason.NOT_LOCAL, "no route: " + Log.cause(e), e));
      asking.remove(id);
      return;
    }
    holder.permitted(
        new ClientPermit(
            id,
            link,
            attempt.segment,
            attempt.slot,
            attempt.destination,
            localHost,
            attempt.claims));
    asking.remove(id);
  }

  void notPermitted(int id, Reason reason) {
    SanUnavailableException why = new SanUnavailableException(reason);
    Asking attempt = asking.remove(id);
    if (attempt != null) {
      try {
        link.freeSlot(attempt.segment, attempt.slot);
      } finally {
        holder.notPermitted(attempt.destination, why);
      }
    }
  }

  /**
   * The listener has closed.
   *
   * @param again whether this may have been handled before
   */
  void revoked(int id, boolean again) throws IOException {
    Asking former = granted.remove(id);
    if (former == null) {
      if (again) {
        return;
      }
      throw new IOException("permit " + id + " was not there");
    }
    former.claims.close(); // Before the slot is somebody else's.
    holder.revoked(link, id, former.destination);
    link.freeSlot(former.segment, former.slot);
  }

  /** The server is gone: tells those who wait. */
  void linkDied() {
    for (Asking attempt : asking.values()) {
      holder.notPermitted(attempt.destination, new SanUnavailableException(Reason.PEER_GONE));
    }
    asking.clear();
  }
}
