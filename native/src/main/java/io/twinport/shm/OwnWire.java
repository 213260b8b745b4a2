package io.twinport.shm;

import io.twinport.posix.Errno;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.spi.BellWire;
import java.io.IOException;

/** The own end of a wire: a peer has the other, to ring a bell of this process. */
final class OwnWire implements BellWire {
  private final Node node;
  private final int fd;
  private final long rings = UnixSocket.newRings();

  /** What may have been sent along; null where the kernel lets nobody send any. */
  private final UnixSocket.Inbox inbox;

  /** The peer's end; -1 once it is somebody else's to close. */
  private int peers;

  private boolean closed;

  /** What it counts against; null for those of seat 0, of which each link has one. */
  private final Bound bound;

  private OwnWire(Node node, Bound bound, int fd, int peers, boolean refuses) {
    this.node = node;
    this.bound = bound;
    this.fd = fd;
    this.peers = peers;
    this.inbox = refuses ? null : new UnixSocket.Inbox(1, 1);
  }

  /** Makes a wire of seat 0's bell. */
  static OwnWire ofSeat0(Node node) throws IOException {
    return make(node, null);
  }

  /** Makes a wire of another bell, if there may be one more; else returns null. */
  static OwnWire ofBell(Node node) throws IOException {
    Bound bound = node.bounds().wires;
    return bound.tryReserve(1) ? make(node, bound) : null;
  }

  private static OwnWire make(Node node, Bound bound) throws IOException {
    int[] ends = null;
    boolean done = false;
    try {
      ends = UnixSocket.pair();
      OwnWire wire =
          new OwnWire(node, bound, ends[0], ends[1], UnixSocket.takesDescriptors(ends[0], false));
      done = true;
      return wire;
    } finally {
      if (!done) {
        release(bound);
        if (ends != null) {
          Posix.close(ends[0]);
          Posix.close(ends[1]);
        }
      }
    }
  }

  /** Hands the peer's end over, to be sent. */
  int peersEnd() {
    int end = peers;
    peers = -1;
    return end;
  }

  @Override
  public int fd() {
    return fd;
  }

  @Override
  public int take() {
    int heard = inbox == null ? UnixSocket.hear(fd, rings) : hearOne();
    return heard >= 0 ? heard : heard == -Errno.EAGAIN ? NOTHING : ENDED;
  }

  /**
   * Where the kernel lets descriptors through: a ring that brings some is as good as an end, and
   * stays where it is.
   */
  private int hearOne() {
    try {
      int length = inbox.peek(fd);
      if (length < 0) {
        return -Errno.EAGAIN;
      }
      boolean plain = length > 0 && !inbox.isCut() && inbox.fds()[0] < 0;
      if (!plain) {
        inbox.closeFds();
        return -Errno.EPIPE;
      }
      return UnixSocket.hear(fd, rings);
    } catch (IOException e) {
      return -Errno.EPIPE;
    }
  }

  /** Closes it. It is in no bell any more. May be called again. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (peers >= 0) {
      Posix.close(peers);
      peers = -1;
    }
    if (inbox == null) {
      Posix.close(fd);
    } else {
      node.closer().close(fd);
      inbox.close();
    }
    Memory.free(rings);
    release(bound);
  }

  private static void release(Bound bound) {
    if (bound != null) {
      bound.release(1);
    }
  }
}
