package io.twinport.agent.pcap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An IPv4 or IPv6 packet with one TCP segment in it, as it would be on a wire; used again and
 * again.
 */
final class TcpPacket {
  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int PSH = 8;
  static final int ACK = 16;
  static final int URG = 32;

  /** Shown in each packet; with {@link #WINDOW_SCALE}, 8 MiB. */
  private static final int WINDOW = 65_535;

  private static final int WINDOW_SCALE = 7;

  private static final int V4_HEADER = 20;
  private static final int V6_HEADER = 40;
  private static final int TCP_HEADER = 20;
  private static final int SYN_OPTIONS = 8;
  private static final int TCP = 6;
  private static final int HOPS = 64;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes = new byte[PcapngWriter.LONGEST_PACKET];
  private final ByteBuffer view = ByteBuffer.wrap(bytes);
  private int length;
  private int kept;
  private int identification;

  byte[] bytes() {
    return bytes;
  }

  /** How many bytes the packet has. */
  int length() {
    return length;
  }

  /** How many of them are there. */
  int kept() {
    return kept;
  }

  /** An end of a connection. */
  static final class End {
    private final byte[] address;
    private final int port;

    /**
     * @param address of 4 or 16 bytes
     */
    End(byte[] address, int port) {
      this.address = address;
      this.port = port;
    }
  }

  /**
   * Makes a packet.
   *
   * @param carried bytes of the stream, at most {@code CaptureFormat.SEGMENT} of them; or null
   * @param count how many the segment stands for, at least as many as are carried
   */
  void make(
      End from, End to, int sequence, int acknowledged, int flags, ByteBuffer carried, int count) {
    int options = (flags & SYN) != 0 ? SYN_OPTIONS : 0;
    int tcpLength = TCP_HEADER + options + count;
    boolean isV6 = from.address.length == 16;
    view.clear();
    int tcp = isV6 ? v6(from, to, tcpLength) : v4(from, to, tcpLength);
    view.putShort((short) from.port).putShort((short) to.port);
    view.putInt(sequence).putInt((flags & ACK) != 0 ? acknowledged : 0);
    view.put((byte) (((TCP_HEADER + options) / 4) << 4)).put((byte) flags);
    view.putShort((short) WINDOW).putShort((short) 0);
    view.putShort((short) ((flags & URG) != 0 ? count : 0));
    if (options != 0) {
      int segment = 65_535 - TCP_HEADER - (isV6 ? V6_HEADER : V4_HEADER);
      view.put((byte) 2).put((byte) 4).putShort((short) segment); // MSS
      view.put((byte) 1).put((byte) 3).put((byte) 3).put((byte) WINDOW_SCALE);
    }
    if (carried != null) {
      view.put(carried);
    }
    length = tcp + tcpLength;
    kept = view.position();
    if (kept == length) { // What is cut off is missing in the sum; nobody can check that one.
      long sum = pseudoHeader(isV6, tcp, tcpLength) + sum(tcp, length);
      view.putShort(tcp + 16, fold(sum));
    }
  }

  private int v4(End from, End to, int tcpLength) {
    view.put((byte) 0x45).put((byte) 0).putShort((short) (V4_HEADER + tcpLength));
    view.putShort((short) identification++).putShort((short) 0x4000); // Not to be fragmented.
    view.put((byte) HOPS).put((byte) TCP).putShort((short) 0);
    view.put(from.address).put(to.address);
    view.putShort(10, fold(sum(0, V4_HEADER)));
    return V4_HEADER;
  }

  private int v6(End from, End to, int tcpLength) {
    view.putInt(0x60000000).putShort((short) tcpLength).put((byte) TCP).put((byte) HOPS);
    view.put(from.address).put(to.address);
    return V6_HEADER;
  }

  // -- Checksums (RFC 1071)

  private long pseudoHeader(boolean isV6, int tcp, int tcpLength) {
    int addresses = isV6 ? 8 : 12;
    return sum(addresses, tcp) + TCP + tcpLength;
  }

  /** The sum of 16 bits each, in 64; an odd byte at the end is the first of its two. */
  private long sum(int from, int to) {
    long sum = 0;
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      long eight = (long) LONGS.get(bytes, i);
      sum += (eight >>> 32) + (eight & 0xffff_ffffL);
    }
    for (; i < to; i++) {
      long one = bytes[i] & 0xff;
      sum += (i - from) % 2 == 0 ? one << 8 : one;
    }
    return sum;
  }

  private static short fold(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (short) ~folded;
  }
}
