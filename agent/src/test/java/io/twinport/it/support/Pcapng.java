package io.twinport.it.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a file in the format pcapng of little-endian sections with IP packets, strictly. */
public final class Pcapng {
  public static final int FIN = 1;
  public static final int SYN = 2;
  public static final int RST = 4;
  public static final int ACK = 16;
  public static final int URG = 32;

  /**
   * A packet.
   *
   * @param from address and port, as in {@code 127.0.0.1:80}
   * @param payload what was kept of it
   * @param length how many bytes of payload the packet had
   */
  public record Packet(
      long nanos,
      boolean outbound,
      String comment,
      String from,
      String to,
      int sequence,
      int acknowledged,
      int flags,
      ByteBuffer payload,
      int length) {
    public boolean has(int flag) {
      return (flags & flag) != 0;
    }

    /** The sequence number behind it. */
    int next() {
      return sequence + length + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
    }
  }

  private final List<Packet> packets = new ArrayList<>();
  private long received;
  private long dropped;
  private int statistics;

  private Pcapng() {}

  public static Pcapng read(Path file) throws IOException {
    return read(Files.readAllBytes(file));
  }

  /** Reads all that is there, which must be whole blocks. */
  public static Pcapng read(byte[] bytes) throws IOException {
    Pcapng file = new Pcapng();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean first = true;
    while (in.hasRemaining()) {
      int type = in.getInt();
      int length = in.getInt();
      assertTrue(length % 4 == 0 && length >= 12, "length of a block");
      assertEquals(length, in.getInt(in.position() - 8 + length - 4), "length behind a block");
      ByteBuffer body = in.slice(in.position(), length - 12).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(first, type == 0x0a0d0d0a, "the section's header comes first");
      file.block(type, body);
      first = false;
      in.position(in.position() + length - 8);
    }
    return file;
  }

  private void block(int type, ByteBuffer body) throws IOException {
    if (type == 0x0a0d0d0a) {
      assertEquals(0x1a2b3c4d, body.getInt());
      assertEquals(1, body.getInt(), "version 1.0");
    } else if (type == 1) {
      assertEquals(101, body.getShort(), "link type");
      body.position(8);
      assertEquals(9, options(body).get(9).get(), "nanoseconds");
    } else if (type == 5) {
      statistics++;
      body.position(12);
      Map<Integer, ByteBuffer> options = options(body);
      received = options.get(4).getLong();
      dropped = options.get(5).getLong();
    } else {
      assertEquals(6, type);
      packet(body);
    }
  }

  private static Map<Integer, ByteBuffer> options(ByteBuffer body) {
    Map<Integer, ByteBuffer> options = new LinkedHashMap<>();
    while (true) {
      int code = body.getShort();
      int length = body.getShort();
      if (code == 0) {
        assertEquals(0, length + body.remaining(), "the end of options is the end");
        return options;
      }
      options.put(code, body.slice(body.position(), length).order(ByteOrder.LITTLE_ENDIAN));
      body.position(body.position() + (length + 3) / 4 * 4);
    }
  }

  private void packet(ByteBuffer body) throws IOException {
    assertEquals(0, body.getInt(), "interface");
    long nanos = ((long) body.getInt() << 32) | Integer.toUnsignedLong(body.getInt());
    int kept = body.getInt();
    int length = body.getInt();
    ByteBuffer ip = body.slice(body.position(), kept);
    body.position(body.position() + (kept + 3) / 4 * 4);
    Map<Integer, ByteBuffer> options = options(body);
    boolean isV6 = ip.get(0) >> 4 == 6;
    int size = isV6 ? 16 : 4;
    int tcp = isV6 ? 40 : 20;
    assertEquals(length, isV6 ? 40 + (ip.getShort(4) & 0xffff) : ip.getShort(2) & 0xffff);
    if (!isV6) {
      assertEquals(0xffff, sum(ip, 0, 20, 0), "checksum of the IP header");
    }
    if (kept == length) {
      int pseudo = 6 + length - tcp;
      pseudo = sum(ip, isV6 ? 8 : 12, tcp, pseudo);
      assertEquals(0xffff, sum(ip, tcp, length, pseudo), "checksum of TCP");
    }
    int data = tcp + (ip.get(tcp + 12) >> 4 & 15) * 4;
    byte[] from = new byte[size];
    byte[] to = new byte[size];
    ip.position(isV6 ? 8 : 12).get(from).get(to);
    ByteBuffer comment = options.get(1);
    packets.add(
        new Packet(
            nanos,
            options.get(2).getInt() == 2,
            comment == null ? null : StandardCharsets.UTF_8.decode(comment).toString(),
            InetAddress.getByAddress(from).getHostAddress() + ":" + (ip.getShort(tcp) & 0xffff),
            InetAddress.getByAddress(to).getHostAddress() + ":" + (ip.getShort(tcp + 2) & 0xffff),
            ip.getInt(tcp + 4),
            ip.getInt(tcp + 8),
            ip.get(tcp + 13),
            ip.slice(Math.min(data, kept), Math.max(0, kept - data)),
            length - data));
  }

  private static int sum(ByteBuffer bytes, int from, int to, int start) {
    int sum = start;
    for (int i = from; i < to; i++) {
      sum += (i - from) % 2 == 0 ? (bytes.get(i) & 0xff) << 8 : bytes.get(i) & 0xff;
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return sum;
  }

  public List<Packet> packets() {
    return packets;
  }

  /** Packets of which the last statistics say that they came, and that they were dropped. */
  public long received() {
    return received;
  }

  public long dropped() {
    return dropped;
  }

  public int statistics() {
    return statistics;
  }

  /**
   * The bytes of each direction, by {@code from>to}; nothing may be missing, and the same addresses
   * not be used twice.
   */
  public Map<String, byte[]> streams() {
    Map<String, ByteArrayOutputStream> streams = new LinkedHashMap<>();
    Map<String, Integer> next = new LinkedHashMap<>();
    for (Packet packet : packets) {
      String direction = packet.from() + ">" + packet.to();
      Integer expected = next.put(direction, packet.next());
      if (expected != null) {
        assertEquals(expected, packet.sequence(), () -> "sequence of " + packet);
      }
      Integer other = next.get(packet.to() + ">" + packet.from());
      if (packet.has(ACK) && other != null) {
        assertEquals(other, packet.acknowledged(), () -> "what is acknowledged by " + packet);
      }
      byte[] payload = new byte[packet.payload().remaining()];
      packet.payload().get(packet.payload().position(), payload);
      streams.computeIfAbsent(direction, d -> new ByteArrayOutputStream()).writeBytes(payload);
    }
    Map<String, byte[]> whole = new LinkedHashMap<>();
    streams.forEach((direction, bytes) -> whole.put(direction, bytes.toByteArray()));
    return whole;
  }
}
