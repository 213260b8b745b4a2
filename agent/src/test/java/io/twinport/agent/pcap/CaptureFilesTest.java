package io.twinport.agent.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.capture.CaptureFormat;
import io.twinport.it.support.Pcapng;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of records in a file, read by a reader that is not ours to bend. */
class CaptureFilesTest {
  private static final long START = 1_700_000_000_000_000_000L;
  private static final int SNAPLEN = 262_144;

  @TempDir private Path folder;
  private Conversations conversations;
  private CaptureFiles files;
  private Path file;

  private void begin(CaptureFiles to, int snaplen) throws IOException {
    files = to;
    files.open();
    files.begin(new CaptureFiles.Header("test", "san", "a test", snaplen), START);
    conversations =
        new Conversations(
            (nanos, packet, outbound, comment) ->
                files.packet(START + nanos, packet, outbound, comment));
  }

  private void begin() throws IOException {
    file = folder.resolve("one.pcapng");
    begin(CaptureFiles.to(file, 1, Long.MAX_VALUE, false), SNAPLEN);
  }

  private Pcapng end() throws IOException {
    files.close();
    return Pcapng.read(file);
  }

  private void open(long number, String address, int flags) throws IOException {
    byte[] bytes = InetAddress.getByName(address).getAddress();
    ByteBuffer carried = ByteBuffer.allocate(CaptureFormat.ADDRESSES);
    carried.put((byte) (bytes.length == 4 ? 4 : 6));
    carried.put(1, bytes).putShort(17, (short) 1025).put(19, bytes).putShort(35, (short) 8080);
    record(CaptureFormat.OPEN, 0, flags, number, 0, 0, carried.array());
  }

  private void data(int direction, long position, byte... bytes) throws IOException {
    record(CaptureFormat.DATA, direction, 0, 1, position, bytes.length, bytes);
  }

  private void record(
      byte kind, int direction, int flags, long number, long position, int count, byte... carried)
      throws IOException {
    ByteBuffer record = ByteBuffer.allocate(CaptureFormat.HEADER + carried.length);
    record.putInt(record.capacity()).put(kind).put((byte) direction).putShort((short) flags);
    record.putLong(number).putLong(1000).putLong(position).putInt(count).putInt(carried.length);
    conversations.take(record.put(carried).flip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aConnectionHasAllThatTcpHas(String address) throws Exception {
    begin();
    open(1, address, CaptureFormat.BEGUN | CaptureFormat.OWN);
    data(0, 0, new byte[] {1, 2, 3});
    data(1, 0, new byte[] {4});
    record(CaptureFormat.FIN, 0, 0, 1, 3, 0);
    record(CaptureFormat.FIN, 1, 0, 1, 1, 0);
    record(CaptureFormat.GONE, 0, 0, 1, 3, 0);
    Pcapng read = end();
    String client = InetAddress.getByName(address).getHostAddress() + ":1025";
    String server = InetAddress.getByName(address).getHostAddress() + ":8080";
    assertArrayEquals(new byte[] {1, 2, 3}, read.streams().get(client + ">" + server));
    assertArrayEquals(new byte[] {4}, read.streams().get(server + ">" + client));
    List<Integer> flags = read.packets().stream().map(packet -> packet.flags() & 7).toList();
    assertEquals(List.of(2, 2, 0, 0, 0, 1, 0, 1, 0), flags);
    assertTrue(read.packets().stream().allMatch(packet -> packet.nanos() == START + 1000));
    assertTrue(read.packets().stream().allMatch(p -> p.outbound() == p.from().equals(client)));
    assertEquals(read.packets().size(), read.received());
    assertEquals(0, read.dropped());
  }

  @Test
  void largeAndOddSegmentsHaveRightChecksums() throws Exception {
    begin();
    open(1, "127.0.0.1", 0);
    byte[] most = new byte[CaptureFormat.SEGMENT];
    new Random(1).nextBytes(most);
    data(0, 0, most);
    data(0, most.length, (byte) -1, (byte) -1, (byte) -1);
    assertEquals(most.length + 3, end().streams().get("127.0.0.1:1025>127.0.0.1:8080").length);
  }

  @Test
  void sequenceNumbersWrap() throws Exception {
    begin();
    open(1, "127.0.0.1", 0);
    byte[] chunk = new byte[CaptureFormat.SEGMENT];
    long step = 1L << 29;
    long to = 3L << 32;
    for (long at = 0; at < to; at += step) {
      data(0, at, chunk);
    }
    Pcapng read = end();
    int first = 0;
    int i = 0;
    for (Pcapng.Packet packet : read.packets()) {
      if (packet.length() > 0) {
        first = i == 0 ? packet.sequence() : first;
        assertEquals((int) (first + i * step), packet.sequence());
        i++;
      }
    }
    assertEquals(to / step, i);
  }

  @Test
  void whatIsMissingIsMissingInTheSequenceNumbers() throws Exception {
    begin();
    open(1, "127.0.0.1", 0);
    data(0, 0, new byte[10]);
    data(0, 110, new byte[10]);
    data(0, 120 + (5L << 30), new byte[10]); // As a step of its own it would be one back.
    files.missing(7);
    List<Pcapng.Packet> packets = end().packets();
    assertNull(packets.get(0).comment());
    assertEquals(110, packets.get(1).sequence() - packets.get(0).sequence());
    assertTrue(packets.get(1).comment().startsWith("100 bytes are missing"));
    assertEquals(10 + (1 << 30), packets.get(2).sequence() - packets.get(1).sequence());
    assertTrue(packets.get(2).comment().startsWith((5L << 30) + " bytes"));
    Pcapng read = Pcapng.read(file);
    assertEquals(packets.size() + 7, read.received());
    assertEquals(7, read.dropped());
  }

  @Test
  void longStreamsAreAcknowledged() throws Exception {
    begin();
    open(1, "127.0.0.1", 0);
    for (int i = 0; i < 64; i++) {
      data(0, (long) i * CaptureFormat.SEGMENT, new byte[CaptureFormat.SEGMENT]);
    }
    Pcapng read = end();
    assertEquals(16, read.packets().stream().filter(packet -> packet.length() == 0).count());
    assertEquals(64 * CaptureFormat.SEGMENT, read.streams().values().iterator().next().length);
  }

  @Test
  void packetsAreCutAtTheSnaplen() throws Exception {
    file = folder.resolve("cut.pcapng");
    begin(CaptureFiles.to(file, 1, Long.MAX_VALUE, false), 50);
    open(1, "127.0.0.1", 0);
    data(0, 0, new byte[1000]);
    Pcapng.Packet packet = end().packets().get(0);
    assertEquals(1000, packet.length());
    assertEquals(50 - 40, packet.payload().remaining());
  }

  @Test
  void aRingKeepsTheLastFiles() throws Exception {
    file = folder.resolve("ring.pcapng");
    begin(CaptureFiles.to(file, 3, 10_000, false), SNAPLEN);
    open(1, "127.0.0.1", 0);
    for (int i = 0; i < 100; i++) {
      data(0, 1000L * i, new byte[1000]);
    }
    files.missing(1);
    files.close();
    try (Stream<Path> found = Files.list(folder)) {
      List<Path> names = found.map(Path::getFileName).sorted().toList();
      assertEquals(3, names.size(), names::toString);
      assertEquals("ring-00012.pcapng", names.get(2).toString());
    }
    long received = 0;
    for (int i = 10; i <= 12; i++) {
      Path one = folder.resolve("ring-000" + i + ".pcapng");
      assertTrue(Files.size(one) < 11_000);
      Pcapng read = Pcapng.read(one);
      assertEquals(i == 12 ? 1 : 0, read.dropped());
      received += read.packets().size();
    }
    assertTrue(received > 18, "packets of the last files");
  }

  @Test
  void nobodyElseCanReadTheFile() throws Exception {
    begin();
    end();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void whatCanNotBeWrittenIsTold() throws Exception {
    Path there = Files.writeString(folder.resolve("there"), "kept");
    assertEquals(there + " exists; --overwrite writes over it", whyNot(there));
    assertEquals("kept", Files.readString(there));
    assertEquals(folder + " can't be written: it is a directory", whyNot(folder));
    Path nowhere = folder.resolve("no/file");
    assertEquals("there is no folder for " + nowhere, whyNot(nowhere));
    files = CaptureFiles.to(there, 1, Long.MAX_VALUE, true);
    files.open();
    files.close();
    assertEquals(0, Files.size(there));
  }

  private static String whyNot(Path path) {
    CaptureFiles to = CaptureFiles.to(path, 1, Long.MAX_VALUE, false);
    return assertThrows(IOException.class, to::open).getMessage();
  }

  @Test
  void aFullDeviceIsTold() throws Exception {
    begin(CaptureFiles.to(Path.of("/dev/full"), 1, Long.MAX_VALUE, false), SNAPLEN);
    String why = assertThrows(IOException.class, files::close).getMessage();
    assertEquals("/dev/full can't be written: No space left on device", why);
  }

  @Test
  void whatIsDiscardedIsNoMoreThere() throws Exception {
    file = folder.resolve("none");
    CaptureFiles to = CaptureFiles.to(file, 1, Long.MAX_VALUE, false);
    to.open();
    to.discard();
    to.close();
    assertFalse(Files.exists(file));
  }

  @Test
  void recordsThatMakeNoSenseAreRefused() throws Exception {
    begin();
    assertThrows(IOException.class, () -> data(0, 0, (byte) 1)); // Of no connection.
    open(1, "127.0.0.1", 0);
    data(0, 10, (byte) 1);
    assertThrows(IOException.class, () -> data(0, 5, (byte) 1));
    assertThrows(IOException.class, () -> data(2, 11, (byte) 1));
    assertThrows(IOException.class, () -> record(CaptureFormat.DATA, 0, 0, 1, 11, 0, (byte) 1));
    assertThrows(IOException.class, () -> record((byte) 99, 0, 0, 1, 11, 0));
    assertThrows(IOException.class, () -> record(CaptureFormat.OPEN, 0, 0, 2, 0, 0, (byte) 4));
  }
}
