package io.twinport.shm.link;

import io.twinport.posix.Posix;
import io.twinport.shm.memory.Bound;
import io.twinport.spi.BellWire;
import java.io.IOException;

/** A wire by which a peer rings a bell of this process; see {@link Posix#wire}. */
public final class OwnWire implements BellWire, EventLoop.Handler {
  private final int number;
  private final int fd;

  /** What it counts against; null for those of seat 0, of which each link has one. */
  private final Bound bound;

  /** Who rings. */
  private final PeerBells peer;

  /** Of seat 0: whom the peer rings for; null until that is made. Of the node's thread. */
  private Link link;

  private boolean closed;

  private OwnWire(int number, Bound bound, PeerBells peer) throws IOException {
    this.number = number;
    this.bound = bound;
    this.peer = peer;
    this.fd = Posix.wire();
  }

  /** Makes a wire of seat 0's bell. */
  public static OwnWire ofSeat0() throws IOException {
    return new OwnWire(0, null, null);
  }

  /** Makes a wire of another bell for a peer, if there may be one more; else returns null. */
  static OwnWire of(int number, Bound bound, PeerBells peer) throws IOException {
    if (!bound.tryReserve(1)) {
      return null;
    }
    boolean done = false;
    try {
      OwnWire wire = new OwnWire(number, bound, peer);
      done = true;
      return wire;
    } finally {
      if (!done) {
        bound.release(1);
      }
    }
  }

  @Override
  public int fd() {
    return fd;
  }

  /** The wire is {@code made}'s. */
  void belongsTo(Link made) {
    link = made;
  }

  /** Besides waking the node's thread, it has somebody look at a link where nobody does. */
  @Override
  public void ready(int events) {
    if (link != null) {
      link.rung();
    }
  }

  @Override
  public int heard() {
    return peer.rungFrom(number);
  }

  public boolean isClosed() {
    return closed;
  }

  /** Closes it. It is in no bell any more. May be called again. */
  public void close() {
    if (!closed) {
      closed = true;
      Posix.close(fd);
      if (bound != null) {
        bound.release(1);
      }
    }
  }
}
