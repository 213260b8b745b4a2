package io.twinport.shm.connection;

import io.twinport.config.KernelFile;
import io.twinport.shm.memory.LinkLayout;
import java.io.IOException;
import java.util.BitSet;
import java.util.StringTokenizer;

/**
 * The ports that this process, as a server, gives to its clients' ends, in blocks: from 1024 on,
 * outside the range from which the kernel gives ports to TCP, so that no SAN client looks like a
 * TCP client of the same server.
 */
final class PortBlocks {
  private static final int UNIT = LinkLayout.MIN_SLOTS;
  private static final int UNITS = 65536 / UNIT;

  // guarded by this; a set bit is a unit that can't be given
  private final BitSet taken = new BitSet(UNITS);

  /** Those of the taken ones that a client has. */
  private final BitSet leased = new BitSet(UNITS);

  private int next;

  PortBlocks() throws IOException {
    this(KernelFile.text("/proc/sys/net/ipv4/ip_local_port_range"));
  }

  /**
   * @param localPortRange two numbers, as the kernel prints them
   */
  PortBlocks(String localPortRange) {
    StringTokenizer range = new StringTokenizer(localPortRange);
    taken.set(0, 1024 / UNIT);
    int first = Integer.parseInt(range.nextToken());
    int last = Integer.parseInt(range.nextToken());
    taken.set(first / UNIT, last / UNIT + 1);
    next = 1024 / UNIT;
  }

  /**
   * Takes {@code count} ports in a row.
   *
   * @param count a multiple of {@link LinkLayout#MIN_SLOTS}
   * @return the first, or -1 if there is no such block left
   */
  synchronized int take(int count) {
    int units = count / UNIT;
    int found = find(units, next, UNITS);
    if (found < 0) {
      found = find(units, 0, UNITS);
    }
    if (found < 0) {
      return -1;
    }
    taken.set(found, found + units);
    leased.set(found, found + units);
    next = found + units;
    return found * UNIT;
  }

  private int find(int units, int from, int to) {
    int begin = taken.nextClearBit(from);
    while (begin + units <= to) {
      int blocked = taken.nextSetBit(begin);
      if (blocked < 0 || blocked >= begin + units) {
        return begin;
      }
      begin = taken.nextClearBit(blocked);
    }
    return -1;
  }

  /** Whether {@code port} lies in a block that a client has. */
  synchronized boolean isTaken(int port) {
    return leased.get(port / UNIT);
  }

  synchronized void giveBack(int first, int count) {
    taken.clear(first / UNIT, (first + count) / UNIT);
    leased.clear(first / UNIT, (first + count) / UNIT);
  }
}
