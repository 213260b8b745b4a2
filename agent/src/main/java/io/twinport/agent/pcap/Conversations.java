package io.twinport.agent.pcap;

import io.twinport.capture.CaptureFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Makes the packets of TCP connections from records. What the SAN does not have, handshakes,
 * acknowledgements and windows, is made up so that whoever looks at the packets finds nothing
 * strange; what is missing in a stream is missing in the sequence numbers.
 */
final class Conversations {
  /** Where packets go. */
  interface Sink {
    /**
     * Takes a packet, whose bytes may change afterwards.
     *
     * @param nanos when, in nanoseconds since the capture has begun
     * @param comment or null
     */
    void packet(long nanos, TcpPacket packet, boolean outbound, String comment) throws IOException;
  }

  /** So many bytes are acknowledged at the latest, if nothing else is sent to their writer. */
  private static final int MOST_UNACKNOWLEDGED = 128 << 10;

  /** A larger step in the sequence numbers would look like one back. */
  private static final int LARGEST_GAP = 1 << 30;

  static final String NONSENSE = "the process sends what makes no sense";

  /** One connection; arrays have an element for each direction. */
  private static final class Conversation {
    final TcpPacket.End[] from = new TcpPacket.End[2];
    boolean firstIsOwn;

    /**
     * What a position is in sequence numbers, but for the lower 32 bits and the direction's SYN.
     */
    final long[] base = new long[2];

    /** Up to where the stream has been shown. */
    final long[] shown = new long[2];

    final long[] acknowledged = new long[2];
    final boolean[] ended = new boolean[2];

    int sequence(int direction, long position) {
      return (int) (base[direction] + position);
    }

    /** What the other side expects next. */
    int next(int direction) {
      return sequence(direction, shown[direction]) + (ended[direction] ? 1 : 0);
    }
  }

  private final Map<Long, Conversation> conversations = new HashMap<>();
  private final TcpPacket packet = new TcpPacket();
  private final SplittableRandom random = new SplittableRandom();
  private final Sink sink;
  private long time;

  Conversations(Sink sink) {
    this.sink = sink;
  }

  /**
   * Takes a record that is whole.
   *
   * @throws IOException if it makes no sense, or the sink can't take packets
   */
  void take(ByteBuffer record) throws IOException {
    byte kind = record.get(CaptureFormat.KIND);
    long number = record.getLong(CaptureFormat.CONNECTION);
    // Threads look at the clock before they queue what they have; that is where it belongs.
    time = Math.max(time, record.getLong(CaptureFormat.TIME));
    ByteBuffer carried = record.duplicate().position(CaptureFormat.HEADER);
    if (kind == CaptureFormat.OPEN) {
      open(number, record.getShort(CaptureFormat.FLAGS), carried);
      return;
    }
    Conversation conversation = conversations.get(number);
    int direction = record.get(CaptureFormat.DIRECTION);
    if (conversation == null || direction < 0 || direction > 1) {
      throw new IOException(NONSENSE);
    }
    long position = record.getLong(CaptureFormat.POSITION);
    switch (kind) {
      case CaptureFormat.DATA -> {
        int count = record.getInt(CaptureFormat.BYTES);
        if (count < carried.remaining() || count > CaptureFormat.SEGMENT) {
          throw new IOException(NONSENSE);
        }
        int flags = record.getShort(CaptureFormat.FLAGS);
        data(conversation, direction, position, flags, carried, count);
      }
      case CaptureFormat.FIN -> end(conversation, direction, position);
      case CaptureFormat.RESET -> {
        String comment = endAt(conversation, direction, position);
        send(conversation, direction, TcpPacket.RST | TcpPacket.ACK, null, 0, comment);
      }
      case CaptureFormat.GONE -> conversations.remove(number);
      default -> throw new IOException(NONSENSE);
    }
  }

  private void open(long number, int flags, ByteBuffer carried) throws IOException {
    if (carried.remaining() != CaptureFormat.ADDRESSES) {
      throw new IOException(NONSENSE);
    }
    Conversation opened = new Conversation();
    boolean isV6 = carried.get() == 6;
    for (int i = 0; i < 2; i++) {
      byte[] address = new byte[isV6 ? 16 : 4];
      int start = carried.position();
      carried.get(address).position(start + 16);
      opened.from[i] = new TcpPacket.End(address, carried.getShort() & 0xffff);
      opened.base[i] = random.nextInt() & 0xffff_ffffL;
    }
    opened.firstIsOwn = (flags & CaptureFormat.OWN) != 0;
    conversations.put(number, opened);
    if ((flags & CaptureFormat.BEGUN) != 0) {
      synchronize(opened);
    }
  }

  private void synchronize(Conversation opened) throws IOException {
    for (int i = 0; i < 2; i++) {
      opened.base[i]--; // For the number of the SYN.
    }
    send(opened, 0, TcpPacket.SYN, null, 0, null);
    opened.base[0]++;
    send(opened, 1, TcpPacket.SYN | TcpPacket.ACK, null, 0, null);
    opened.base[1]++;
    send(opened, 0, TcpPacket.ACK, null, 0, null);
  }

  private void data(
      Conversation conversation,
      int direction,
      long position,
      int flags,
      ByteBuffer carried,
      int count)
      throws IOException {
    String comment = moveTo(conversation, direction, position);
    int tcp = TcpPacket.ACK;
    tcp |= (flags & CaptureFormat.PUSH) != 0 ? TcpPacket.PSH : 0;
    tcp |= (flags & CaptureFormat.URGENT) != 0 ? TcpPacket.URG : 0;
    send(conversation, direction, tcp, carried, count, comment);
    conversation.shown[direction] += count;
    if (conversation.shown[direction] - conversation.acknowledged[direction]
        >= MOST_UNACKNOWLEDGED) {
      send(conversation, 1 - direction, TcpPacket.ACK, null, 0, null);
    }
  }

  private void end(Conversation conversation, int direction, long position) throws IOException {
    String comment = endAt(conversation, direction, position);
    send(conversation, direction, TcpPacket.FIN | TcpPacket.ACK, null, 0, comment);
    conversation.ended[direction] = true;
    send(conversation, 1 - direction, TcpPacket.ACK, null, 0, null);
  }

  /** Whoever ends it may not have seen what another thread was writing right then. */
  private static String endAt(Conversation conversation, int direction, long position)
      throws IOException {
    return moveTo(conversation, direction, Math.max(position, conversation.shown[direction]));
  }

  /** Goes on at a position; returns what is to be said of what is missing before it, or null. */
  private static String moveTo(Conversation conversation, int direction, long position)
      throws IOException {
    long gap = position - conversation.shown[direction];
    if (gap == 0) {
      return null;
    }
    if (gap < 0) {
      throw new IOException(NONSENSE);
    }
    if (gap > LARGEST_GAP) {
      conversation.base[direction] -= gap - LARGEST_GAP;
    }
    conversation.shown[direction] = position;
    return gap + " bytes are missing here: the capture was not taken fast enough";
  }

  private void send(
      Conversation conversation,
      int direction,
      int flags,
      ByteBuffer carried,
      int count,
      String comment)
      throws IOException {
    int other = 1 - direction;
    packet.make(
        conversation.from[direction],
        conversation.from[other],
        conversation.next(direction),
        conversation.next(other),
        flags,
        carried,
        count);
    conversation.acknowledged[other] = conversation.shown[other];
    boolean outbound = (direction == CaptureFormat.FORWARD) == conversation.firstIsOwn;
    sink.packet(time, packet, outbound, comment);
  }
}
