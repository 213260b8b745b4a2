package io.twinport.agent.pcap;

import io.twinport.capture.CaptureFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes one section of the format pcapng (draft-ietf-opsawg-pcapng): a section header, one
 * interface whose packets are IP packets, the packets, and how many are missing. Little-endian;
 * times are nanoseconds since 1970.
 */
final class PcapngWriter {
  /** The most bytes of a packet, and of the block around it. */
  static final int LONGEST_PACKET = CaptureFormat.SEGMENT + 80;

  private static final int SECTION_HEADER = 0x0a0d0d0a;
  private static final int INTERFACE_DESCRIPTION = 1;
  private static final int INTERFACE_STATISTICS = 5;
  private static final int ENHANCED_PACKET = 6;
  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;

  /** Packets begin with their IPv4 or IPv6 header. */
  private static final int LINKTYPE_RAW = 101;

  private static final int COMMENT = 1;
  private static final int SHB_OS = 3;
  private static final int SHB_USERAPPL = 4;
  private static final int IF_NAME = 2;
  private static final int IF_DESCRIPTION = 3;
  private static final int IF_TSRESOL = 9;
  private static final int EPB_FLAGS = 2;
  private static final int ISB_STARTTIME = 2;
  private static final int ISB_ENDTIME = 3;
  private static final int ISB_IFRECV = 4;
  private static final int ISB_IFDROP = 5;

  private static final int INBOUND = 1;
  private static final int OUTBOUND = 2;

  private final OutputStream out;
  private final ByteBuffer block =
      ByteBuffer.allocate(LONGEST_PACKET + 2048).order(ByteOrder.LITTLE_ENDIAN);
  private long written;

  PcapngWriter(OutputStream out) {
    this.out = out;
  }

  /** Bytes written so far. */
  long written() {
    return written;
  }

  /**
   * Begins the section.
   *
   * @param snaplen the most bytes that are kept of a packet
   */
  void begin(String program, String name, String description, int snaplen) throws IOException {
    begin(SECTION_HEADER);
    block.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
    text(SHB_OS, System.getProperty("os.name") + " " + System.getProperty("os.version"));
    text(SHB_USERAPPL, program);
    endOptions();
    end();
    begin(INTERFACE_DESCRIPTION);
    block.putShort((short) LINKTYPE_RAW).putShort((short) 0).putInt(snaplen);
    text(IF_NAME, name);
    text(IF_DESCRIPTION, description);
    option(IF_TSRESOL, 1).put((byte) 9);
    endOptions();
    end();
  }

  /**
   * Writes a packet.
   *
   * @param nanos when, in nanoseconds since 1970
   * @param kept how many of its bytes are written
   * @param length how many it had
   * @param comment or null
   */
  void packet(long nanos, byte[] bytes, int kept, int length, boolean outbound, String comment)
      throws IOException {
    begin(ENHANCED_PACKET);
    block.putInt(0);
    time(nanos);
    block.putInt(kept).putInt(length).put(bytes, 0, kept);
    pad();
    option(EPB_FLAGS, Integer.BYTES).putInt(outbound ? OUTBOUND : INBOUND);
    if (comment != null) {
      text(COMMENT, comment);
    }
    endOptions();
    end();
  }

  /**
   * Writes how many packets there were, and how many of them are missing, since the beginning.
   *
   * @param from when that was, in nanoseconds since 1970
   */
  void statistics(long from, long to, long packets, long missing) throws IOException {
    begin(INTERFACE_STATISTICS);
    block.putInt(0);
    time(to);
    option(ISB_STARTTIME, Long.BYTES);
    time(from);
    option(ISB_ENDTIME, Long.BYTES);
    time(to);
    option(ISB_IFRECV, Long.BYTES).putLong(packets);
    option(ISB_IFDROP, Long.BYTES).putLong(missing);
    endOptions();
    end();
  }

  private void time(long nanos) {
    block.putInt((int) (nanos >>> 32)).putInt((int) nanos);
  }

  // -- Blocks and options

  private void begin(int type) {
    block.clear().putInt(type).putInt(0);
  }

  private void end() throws IOException {
    pad();
    int length = block.position() + Integer.BYTES;
    block.putInt(length).putInt(Integer.BYTES, length);
    out.write(block.array(), 0, length);
    written += length;
  }

  private void pad() {
    while (block.position() % Integer.BYTES != 0) {
      block.put((byte) 0);
    }
  }

  private ByteBuffer option(int code, int length) {
    pad();
    return block.putShort((short) code).putShort((short) length);
  }

  private void text(int code, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, 255);
    option(code, length).put(bytes, 0, length);
  }

  private void endOptions() {
    option(0, 0);
  }
}
