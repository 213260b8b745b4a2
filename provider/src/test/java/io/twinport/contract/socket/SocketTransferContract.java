package io.twinport.contract.socket;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The streams of a {@link Socket}: bytes in order, and the rules of {@link InputStream}. */
public abstract class SocketTransferContract extends SocketContract {
  protected SocketTransferContract(Transport transport) {
    super(transport);
  }

  /** Writes {@code data} in pieces of random sizes, on a thread of its own. */
  private static Background<Void> sending(Socket socket, byte[] data, boolean toTheEnd) {
    return spawn(
        () -> {
          SplittableRandom sizes = new SplittableRandom(data.length);
          OutputStream out = socket.getOutputStream();
          int position = 0;
          while (position < data.length) {
            int piece = Math.min(data.length - position, 1 + sizes.nextInt(300_000));
            out.write(data, position, piece);
            position += piece;
          }
          if (toTheEnd) {
            socket.shutdownOutput();
          }
          return null;
        });
  }

  @Test
  void singleBytesKeepTheirValues() throws Exception {
    Ends ends = connectedEnds();
    OutputStream out = ends.near().getOutputStream();
    for (int value = 0; value < 256; value++) {
      out.write(value);
    }
    out.write(-1);
    out.write(0x1ff);
    InputStream in = ends.far().getInputStream();
    for (int value = 0; value < 256; value++) {
      assertEquals(value, in.read());
    }
    assertEquals(0xff, in.read());
    assertEquals(0xff, in.read());
  }

  @Test
  void readReturnsWhatIsThere() throws Exception {
    Ends ends = connectedEnds();
    send(ends.far(), "abc");
    byte[] target = new byte[10];
    assertEquals(3, ends.near().getInputStream().read(target, 4, 6));
    assertArrayEquals(new byte[] {0, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0}, target);
  }

  @Test
  void readOfNothingReturnsZeroAtOnce() throws Exception {
    Socket socket = connectedEnds().near();
    assertEquals(0, socket.getInputStream().read(new byte[3], 1, 0));
    assertEquals(0, socket.getInputStream().read(new byte[0]));
  }

  @Test
  void readOfNothingAtTheEndIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.far().close();
          InputStream in = ends.near().getInputStream();
          String before = Outcome.of(() -> in.read(new byte[0]));
          assertEquals(-1, in.read());
          String after = Outcome.of(() -> in.read(new byte[0]));
          ends.near().close();
          return before + after + Outcome.of(() -> in.read(new byte[0]));
        });
  }

  @Test
  void readChecksItsBounds() throws Exception {
    Ends ends = connectedEnds();
    send(ends.far(), "abc");
    InputStream in = ends.near().getInputStream();
    byte[] target = new byte[4];
    assertThrows(IndexOutOfBoundsException.class, () -> in.read(target, 2, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> in.read(target, -1, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> in.read(target, 0, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> in.read(target, 1, Integer.MAX_VALUE));
    assertThrows(NullPointerException.class, () -> in.read(null, 0, 1));
    assertThrows(NullPointerException.class, () -> in.read((byte[]) null));
    assertReceives("abc", ends.near());
  }

  @Test
  void writeChecksItsBounds() throws Exception {
    Ends ends = connectedEnds();
    OutputStream out = ends.near().getOutputStream();
    byte[] source = utf8("__part__");
    assertThrows(IndexOutOfBoundsException.class, () -> out.write(source, 5, 4));
    assertThrows(IndexOutOfBoundsException.class, () -> out.write(source, -1, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> out.write(source, 0, -1));
    assertThrows(NullPointerException.class, () -> out.write(null, 0, 1));
    out.write(source, 2, 4);
    out.write(source, 8, 0);
    out.write(new byte[0]);
    out.flush();
    assertReceives("part", ends.far());
  }

  @Test
  void boundsAreCheckedAsTheJdksDoOnClosedSockets() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          InputStream in = ends.near().getInputStream();
          OutputStream out = ends.near().getOutputStream();
          ends.near().close();
          return Outcome.of(() -> in.read(new byte[2], 1, 2))
              + Outcome.of(() -> in.read(new byte[2], 0, 0))
              + Outcome.of(in::read)
              + Outcome.of(in::available)
              + Outcome.ofAction(() -> out.write(new byte[2], 1, 2))
              + Outcome.ofAction(() -> out.write(new byte[2], 0, 0))
              + Outcome.ofAction(() -> out.write(1))
              + Outcome.ofAction(out::flush)
              + Outcome.ofAction(in::close)
              + Outcome.ofAction(out::close);
        });
  }

  @Test
  void availableTellsWhatCanBeRead() throws Exception {
    Ends ends = connectedEnds();
    InputStream in = ends.near().getInputStream();
    assertEquals(0, in.available());
    send(ends.far(), "12345");
    awaitTrue("five bytes are there", () -> in.available() == 5);
    assertEquals('1', in.read());
    assertEquals(4, in.available());
    ends.far().close();
    assertEquals(4, in.available());
    assertArrayEquals(utf8("2345"), in.readAllBytes());
    assertEquals(0, in.available());
  }

  @Test
  void availableCountsManyBytes() throws Exception {
    Ends ends = connectedEnds();
    ends.far().getOutputStream().write(new byte[40_000]);
    awaitTrue("all are there", () -> ends.near().getInputStream().available() == 40_000);
  }

  @Test
  void skipPassesOverBytes() throws Exception {
    Ends ends = connectedEnds();
    send(ends.far(), "0123456789");
    ends.far().shutdownOutput();
    InputStream in = ends.near().getInputStream();
    assertEquals('0', in.read());
    assertEquals(4, in.skip(4));
    assertEquals('5', in.read());
    assertEquals(0, in.skip(0));
    assertEquals(0, in.skip(-3));
    in.skipNBytes(2);
    assertEquals('8', in.read());
    assertEquals(1, in.skip(100));
    assertEquals(0, in.skip(1));
    assertThrows(EOFException.class, () -> in.skipNBytes(1));
  }

  @Test
  void marksAreNotSupported() throws Exception {
    InputStream in = connectedEnds().near().getInputStream();
    assertFalse(in.markSupported());
    assertThrows(IOException.class, in::reset);
  }

  @Test
  void readNBytesWaitsForAllOfThem() throws Exception {
    Ends ends = connectedEnds();
    Background<byte[]> reading = blocked(() -> ends.near().getInputStream().readNBytes(6));
    send(ends.far(), "abc");
    send(ends.far(), "def");
    assertArrayEquals(utf8("abcdef"), reading.join());
    send(ends.far(), "gh");
    ends.far().close();
    byte[] target = new byte[5];
    assertEquals(2, ends.near().getInputStream().readNBytes(target, 1, 4));
    assertArrayEquals(new byte[] {0, 'g', 'h', 0, 0}, target);
  }

  @Test
  void transferToPassesEverythingOn() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(3, 3_000_001);
    Background<Void> sender = sending(ends.far(), data, true);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    assertEquals(data.length, ends.near().getInputStream().transferTo(all));
    assertArrayEquals(data, all.toByteArray());
    sender.join();
  }

  @Test
  void transferToAnotherSocketRelays() throws Exception {
    Ends one = connectedEnds();
    Ends two = connectedEnds();
    byte[] data = Payload.random(4, 6_000_000);
    Background<Void> sender = sending(one.far(), data, true);
    Background<Long> relay =
        spawn(
            () -> {
              long count = one.near().getInputStream().transferTo(two.near().getOutputStream());
              two.near().shutdownOutput();
              return count;
            });
    assertEquals(Payload.hash(data), Payload.hash(two.far().getInputStream().readAllBytes()));
    assertEquals(data.length, relay.join());
    sender.join();
  }

  @Test
  void transferFromAnyStreamSends() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(5, 1_000_000);
    Background<Long> sender =
        spawn(() -> new ByteArrayInputStream(data).transferTo(ends.near().getOutputStream()));
    assertArrayEquals(data, ends.far().getInputStream().readNBytes(data.length));
    assertEquals(data.length, sender.join());
  }

  @Test
  void writeOfALargeArrayWaitsUntilAllIsTaken() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(6, 16 << 20);
    Background<Void> writing =
        blocked(
            () -> {
              ends.near().getOutputStream().write(data);
              return null;
            });
    byte[] received = ends.far().getInputStream().readNBytes(data.length);
    assertEquals(Payload.hash(data), Payload.hash(received));
    writing.join();
  }

  @Test
  void readIntoALargeArrayReturnsAPart() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(7, 3_000_000);
    Background<Void> sender = sending(ends.far(), data, false);
    byte[] target = new byte[8 << 20];
    int received = 0;
    while (received < data.length) {
      int n = ends.near().getInputStream().read(target, received, target.length - received);
      assertTrue(n > 0, "read returned " + n);
      received += n;
    }
    assertEquals(Payload.hash(data), Payload.hash(Arrays.copyOf(target, received)));
    sender.join();
  }

  @Test
  void bothDirectionsFlowAtOnce() throws Exception {
    Ends ends = connectedEnds();
    byte[] there = Payload.random(8, 9_000_000);
    byte[] back = Payload.random(9, 7_000_000);
    Background<Void> one = sending(ends.near(), there, true);
    Background<Void> two = sending(ends.far(), back, true);
    Background<byte[]> far = spawn(() -> ends.far().getInputStream().readAllBytes());
    assertEquals(Payload.hash(back), Payload.hash(ends.near().getInputStream().readAllBytes()));
    assertEquals(Payload.hash(there), Payload.hash(far.join()));
    one.join();
    two.join();
  }

  @Test
  void megabytesAreTakenBeforeTheyAreRead() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(10, 3 << 20);
    ends.near().getOutputStream().write(data);
    ends.near().shutdownOutput();
    assertEquals(Payload.hash(data), Payload.hash(ends.far().getInputStream().readAllBytes()));
  }

  @Test
  void linesOfTextGoBothWays() throws Exception {
    Ends ends = connectedEnds();
    BufferedWriter near =
        new BufferedWriter(new OutputStreamWriter(ends.near().getOutputStream(), UTF_8));
    BufferedWriter far =
        new BufferedWriter(new OutputStreamWriter(ends.far().getOutputStream(), UTF_8));
    BufferedReader fromNear =
        new BufferedReader(new InputStreamReader(ends.far().getInputStream(), UTF_8));
    BufferedReader fromFar =
        new BufferedReader(new InputStreamReader(ends.near().getInputStream(), UTF_8));
    for (int i = 0; i < 200; i++) {
      near.write("Zeile " + i + " größer\n");
      near.flush();
      String line = fromNear.readLine();
      far.write(line.toUpperCase(Locale.ROOT) + "\n");
      far.flush();
      assertEquals("ZEILE " + i + " GRÖSSER", fromFar.readLine());
    }
    near.close();
    assertEquals(null, fromNear.readLine());
  }

  @Test
  void objectsAreSent() throws Exception {
    Ends ends = connectedEnds();
    ObjectOutputStream out = new ObjectOutputStream(ends.near().getOutputStream());
    out.writeObject(List.of("one", 2, 3.0));
    out.flush();
    ObjectInputStream in = new ObjectInputStream(ends.far().getInputStream());
    assertEquals(List.of("one", 2, 3.0), in.readObject());
  }

  @Test
  void compressedStreamsAreSent() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(11, 500_000);
    Background<Void> sender =
        spawn(
            () -> {
              GZIPOutputStream out = new GZIPOutputStream(ends.near().getOutputStream());
              out.write(data);
              out.close();
              return null;
            });
    GZIPInputStream in = new GZIPInputStream(ends.far().getInputStream());
    assertArrayEquals(data, in.readAllBytes());
    sender.join();
  }

  @Test
  void streamsServeAsChannels() throws Exception {
    Ends ends = connectedEnds();
    writeFully(Channels.newChannel(ends.near().getOutputStream()), "through a channel");
    assertReads("through a channel", Channels.newChannel(ends.far().getInputStream()));
    ByteBuffer direct = ByteBuffer.allocateDirect(100);
    send(ends.far(), "direct");
    assertEquals(6, Channels.newChannel(ends.near().getInputStream()).read(direct));
  }

  @Test
  void closingTheInputStreamClosesTheSocket() throws Exception {
    Ends ends = connectedEnds();
    ends.near().getInputStream().close();
    assertTrue(ends.near().isClosed());
    assertAtEnd(ends.far());
  }

  @Test
  void closingTheOutputStreamClosesTheSocket() throws Exception {
    Ends ends = connectedEnds();
    ends.near().getOutputStream().close();
    assertTrue(ends.near().isClosed());
    assertAtEnd(ends.far());
  }

  @Test
  void streamsOfAnUnconnectedSocketAreRefused() throws Exception {
    Socket socket = newSocket();
    assertSocketException("Socket is not connected", socket::getInputStream);
    assertSocketException("Socket is not connected", socket::getOutputStream);
    socket.close();
    assertSocketException("Socket is closed", socket::getInputStream);
    assertSocketException("Socket is closed", socket::getOutputStream);
  }

  @Test
  void pingPongKeepsItsOrder() throws Exception {
    Ends ends = connectedEnds();
    int rounds = 2000;
    Background<Void> far =
        spawn(
            () -> {
              for (int i = 0; i < rounds; i++) {
                byte[] ball = ends.far().getInputStream().readNBytes(64);
                ends.far().getOutputStream().write(ball);
              }
              return null;
            });
    for (int i = 0; i < rounds; i++) {
      byte[] ball = Payload.random(i, 64);
      ends.near().getOutputStream().write(ball);
      assertArrayEquals(ball, ends.near().getInputStream().readNBytes(64));
    }
    far.join();
  }

  @Test
  void aLargeSendRightAfterASmallOneKeepsItsOrder() throws Exception {
    Ends ends = connectedEnds();
    byte[] large = Payload.random(12, 2_000_000);
    Background<Void> sender =
        spawn(
            () -> {
              ends.near().getOutputStream().write(7);
              ends.near().getOutputStream().write(large);
              ends.near().getOutputStream().write(9);
              return null;
            });
    InputStream in = ends.far().getInputStream();
    assertEquals(7, in.read());
    assertEquals(Payload.hash(large), Payload.hash(in.readNBytes(large.length)));
    assertEquals(9, in.read());
    sender.join();
  }

  @Test
  void writersOnSeveralThreadsDoNotMixTheirWrites() throws Exception {
    Ends ends = connectedEnds();
    int length = 100_000;
    int rounds = 20;
    Background<?>[] writers = new Background<?>[3];
    for (int w = 0; w < writers.length; w++) {
      byte[] block = new byte[length];
      Arrays.fill(block, (byte) ('a' + w));
      writers[w] =
          spawn(
              () -> {
                for (int i = 0; i < rounds; i++) {
                  ends.near().getOutputStream().write(block);
                }
                return null;
              });
    }
    InputStream in = ends.far().getInputStream();
    int[] seen = new int[3];
    for (int i = 0; i < rounds * writers.length; i++) {
      byte[] block = in.readNBytes(length);
      for (byte b : block) {
        assertEquals(block[0], b, "one write's bytes stay together");
      }
      seen[block[0] - 'a']++;
    }
    assertArrayEquals(new int[] {rounds, rounds, rounds}, seen);
    for (Background<?> writer : writers) {
      writer.join();
    }
  }

  @Test
  void readersOnSeveralThreadsShareTheBytes() throws Exception {
    Ends ends = connectedEnds();
    Background<?>[] readers = new Background<?>[3];
    for (int r = 0; r < readers.length; r++) {
      readers[r] = spawn(() -> ends.near().getInputStream().readAllBytes().length);
    }
    ends.far().getOutputStream().write(new byte[1_000_000]);
    ends.far().close();
    int total = 0;
    for (Background<?> reader : readers) {
      total += (Integer) reader.join();
    }
    assertEquals(1_000_000, total);
  }
}
