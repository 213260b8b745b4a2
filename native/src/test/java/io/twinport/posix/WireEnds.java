package io.twinport.posix;

import java.io.IOException;

/** Two sockets that a process has made: one to ring by, one to hear by. */
public record WireEnds(int read, int write) {
  public static WireEnds open() throws IOException {
    int[] pair = UnixSocket.pair();
    return new WireEnds(pair[0], pair[1]);
  }

  /** Takes a ring; see {@link UnixSocket#hear}. */
  public int hear() {
    long rings = UnixSocket.newRings();
    try {
      return UnixSocket.hear(read, rings);
    } finally {
      Memory.free(rings);
    }
  }
}
