package io.twinport.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.core.Switch;
import io.twinport.inproc.InProcessProvider;
import io.twinport.nio.TwinSelectorProvider;
import io.twinport.support.SwitchFixture;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a capture sees of both ends of connections in one process. */
@Timeout(60)
class CaptureTest {
  private record Seen(
      byte kind, int direction, int flags, long flow, long at, int count, ByteBuffer data) {}

  private final TwinSelectorProvider provider =
      SwitchFixture.provider(Map.of(), new InProcessProvider());
  private ServerSocketChannel listener;
  private Capture capture;

  @TempDir private Path folder;

  @BeforeEach
  void listen() throws Exception {
    listener = provider.openServerSocketChannel();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private void begin(CaptureFilter filter) {
    capture = new Capture(filter, CaptureQueue.LEAST);
    Switch.tap(capture);
    capture.begin(List.of());
  }

  @AfterEach
  void end() throws Exception {
    Switch.tap(null);
    listener.close();
  }

  private SocketChannel connect() throws Exception {
    SocketChannel client = provider.openSocketChannel();
    client.connect(listener.getLocalAddress());
    return client;
  }

  private List<Seen> records() {
    List<Seen> records = new ArrayList<>();
    CaptureQueue queue = capture.queue();
    for (long place; (place = queue.first()) != CaptureQueue.NONE; queue.release()) {
      for (long at = place; at != CaptureQueue.NONE; at = queue.follower(at)) {
        if (queue.length(at) > 0) {
          ByteBuffer bytes = ByteBuffer.allocate(CaptureFormat.LONGEST);
          queue.copy(at, bytes);
          records.add(record(bytes.flip()));
        }
      }
    }
    return records;
  }

  private static Seen record(ByteBuffer bytes) {
    byte[] data = new byte[bytes.getInt(CaptureFormat.CARRIED)];
    bytes.get(CaptureFormat.HEADER, data);
    return new Seen(
        bytes.get(CaptureFormat.KIND),
        bytes.get(CaptureFormat.DIRECTION),
        bytes.getShort(CaptureFormat.FLAGS),
        bytes.getLong(CaptureFormat.CONNECTION),
        bytes.getLong(CaptureFormat.POSITION),
        bytes.getInt(CaptureFormat.BYTES),
        ByteBuffer.wrap(data));
  }

  /** What was carried in a direction, of which nothing may be missing. */
  private static byte[] stream(List<Seen> records, int direction) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (Seen each : records) {
      if (each.kind() == CaptureFormat.DATA && each.direction() == direction) {
        assertEquals(stream.size(), each.at());
        stream.writeBytes(each.data().array());
      }
    }
    return stream.toByteArray();
  }

  @Test
  void eachByteIsCapturedOnceHoweverItIsWritten() throws Exception {
    byte[] content = new byte[200_000];
    new Random(1).nextBytes(content);
    Path file = Files.write(folder.resolve("content"), content);
    begin(CaptureFilter.ALL);
    try (SocketChannel client = connect();
        SocketChannel server = listener.accept();
        FileChannel source = FileChannel.open(file)) {
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      client.write(ByteBuffer.wrap(content, 0, 100));
      client.write(ByteBuffer.allocateDirect(50));
      client.write(
          new ByteBuffer[] {
            ByteBuffer.wrap(content, 5, 7), ByteBuffer.wrap(content).asReadOnlyBuffer().slice(3, 9)
          });
      client.socket().getOutputStream().write(content, 1, 3000);
      expected.write(content, 0, 100);
      expected.write(new byte[50]);
      expected.write(content, 5, 7);
      expected.write(content, 3, 9);
      expected.write(content, 1, 3000);
      drain(server, expected.size());
      for (long at = 0; at < content.length; ) {
        long n = source.transferTo(at, content.length - at, client);
        expected.write(content, (int) at, (int) n);
        drain(server, (int) n);
        at += n;
      }
      server.write(ByteBuffer.wrap(content, 0, 10));
      drain(client, 10);
      List<Seen> records = records();
      assertEquals(CaptureFormat.OPEN, records.get(0).kind());
      assertEquals(CaptureFormat.BEGUN | CaptureFormat.OWN, records.get(0).flags());
      assertArrayEquals(expected.toByteArray(), stream(records, CaptureFormat.FORWARD));
      assertEquals(10, stream(records, CaptureFormat.BACKWARD).length);
      assertEquals(0, capture.missed());
    }
    List<Byte> ends = records().stream().map(Seen::kind).toList();
    assertEquals(List.of(CaptureFormat.FIN, CaptureFormat.FIN, CaptureFormat.GONE), ends);
  }

  private static void drain(SocketChannel channel, int bytes) throws Exception {
    ByteBuffer sink = ByteBuffer.allocate(bytes);
    while (sink.hasRemaining()) {
      assertTrue(channel.read(sink) > 0);
    }
  }

  @Test
  void whatIsAnsweredStandsInFrontOfTheAnswer() throws Exception {
    begin(CaptureFilter.ALL);
    int rounds = 3000;
    try (SocketChannel client = connect();
        SocketChannel server = listener.accept()) {
      Thread echo = new Thread(() -> echo(server, rounds), "echo");
      echo.start();
      ByteBuffer one = ByteBuffer.allocate(3000); // More than has its place from before.
      for (int i = 0; i < rounds; i++) {
        client.write(one.clear().limit(i % 2 == 0 ? 1 : 3000));
        drain(client, 1);
      }
      echo.join();
      taken.addAll(records()); // What the client was still about to enter when the echo looked.
      int expected = CaptureFormat.FORWARD;
      int count = 0;
      for (Seen each : taken) {
        if (each.kind() == CaptureFormat.DATA) {
          assertEquals(expected, each.direction(), "record " + count++);
          expected = 1 - expected;
        }
      }
      assertEquals(2 * rounds, count);
      assertEquals(0, capture.missed());
    }
  }

  private final List<Seen> taken = new ArrayList<>();

  private void echo(SocketChannel server, int rounds) {
    try {
      for (int i = 0; i < rounds; i++) {
        drain(server, i % 2 == 0 ? 1 : 3000);
        server.write(ByteBuffer.allocate(1));
        if (i % 50 == 0) {
          taken.addAll(records());
        }
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    taken.addAll(records());
  }

  @Test
  void whatFindsNoRoomIsMissedAndCounted() throws Exception {
    begin(CaptureFilter.ALL);
    try (SocketChannel client = connect();
        SocketChannel server = listener.accept()) {
      int rounds = 100;
      for (int i = 0; i < rounds; i++) {
        client.write(ByteBuffer.allocate(CaptureFormat.SEGMENT));
        drain(server, CaptureFormat.SEGMENT);
      }
      long kept = records().stream().filter(each -> each.kind() == CaptureFormat.DATA).count();
      assertTrue(kept > 20 && kept < 32, "kept " + kept);
      assertEquals(rounds - kept, capture.missed());
      assertEquals((rounds - kept) * CaptureFormat.SEGMENT, capture.missedBytes());
      client.write(ByteBuffer.allocate(1));
      Seen next = records().get(0);
      assertEquals((long) rounds * CaptureFormat.SEGMENT, next.at());
    }
  }

  @Test
  void onlyWhatTheFilterLetsThroughIsCaptured() throws Exception {
    int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    begin(CaptureFilter.parse("port=" + (port == 1 ? 2 : 1)));
    exchange();
    assertEquals(List.of(), records());
    Switch.tap(null);
    begin(CaptureFilter.parse("remote=" + port + " peer=127.0.0.0/8 snap=10"));
    exchange();
    List<Seen> data = records().stream().filter(each -> each.kind() == CaptureFormat.DATA).toList();
    assertEquals(1, data.size());
    assertEquals(100, data.get(0).count());
    assertEquals(10, data.get(0).data().remaining());
  }

  private void exchange() throws Exception {
    try (SocketChannel client = connect();
        SocketChannel server = listener.accept()) {
      client.write(ByteBuffer.allocate(100));
      drain(server, 100);
    }
  }

  @Test
  void resetsAndHalfClosesShow() throws Exception {
    begin(CaptureFilter.ALL);
    try (SocketChannel client = connect();
        SocketChannel server = listener.accept()) {
      client.shutdownOutput();
      assertEquals(-1, server.read(ByteBuffer.allocate(1)));
      server.write(ByteBuffer.allocate(1));
    } // The client has left a byte unread.
    List<Integer> ends =
        records().stream()
            .filter(each -> each.kind() == CaptureFormat.FIN || each.kind() == CaptureFormat.RESET)
            .map(each -> 10 * each.kind() + each.direction())
            .toList();
    assertEquals(
        List.of(10 * CaptureFormat.FIN, 10 * CaptureFormat.FIN + 1, 10 * CaptureFormat.RESET),
        ends);
  }

  @Test
  void ofTwoCapturesEachHearsWhenConnectionsBeginAndEnd() throws Exception {
    begin(CaptureFilter.ALL);
    Capture older = capture;
    Capture newer = new Capture(CaptureFilter.ALL, CaptureQueue.LEAST);
    newer.setNext(older);
    Switch.tap(newer);
    newer.begin(List.of());
    SocketChannel client = connect();
    SocketChannel server = listener.accept();
    client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    server.read(ByteBuffer.allocate(3));
    client.close();
    server.close();
    for (Capture each : List.of(newer, older)) {
      capture = each;
      List<Seen> records = records();
      for (byte kind : new byte[] {CaptureFormat.OPEN, CaptureFormat.DATA, CaptureFormat.GONE}) {
        assertEquals(
            1, records.stream().filter(seen -> seen.kind() == kind).count(), records::toString);
      }
      assertEquals(2, records.stream().filter(seen -> seen.kind() == CaptureFormat.FIN).count());
    }
  }
}
