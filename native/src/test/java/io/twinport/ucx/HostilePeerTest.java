package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinport.spi.NetworkEvent;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.stream.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What no connection sends: it ends with a reset, and another one on the same driver goes on. */
@Timeout(60)
class HostilePeerTest {
  private static byte[] frames(int... typesAndValues) {
    ByteBuffer bytes =
        ByteBuffer.allocate(2 * typesAndValues.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < typesAndValues.length; i += 2) {
      bytes.putInt(Frames.word(typesAndValues[i], typesAndValues[i + 1]));
    }
    return bytes.array();
  }

  private static Arguments named(String name, byte[] bytes) {
    return Arguments.of(name, bytes);
  }

  static Stream<Arguments> lies() {
    return Stream.of(
        named("type 0", frames(0, 0)),
        named("type behind the last", frames(Frames.ALIVE + 1, 0)),
        named("type 255", frames(255, 0xffffff)),
        named("no data", frames(Frames.DATA, 0)),
        named("more than the window", frames(Frames.DATA, Frames.WINDOW + 1)),
        named("16 megabytes", frames(Frames.DATA, 0xffffff)),
        named("no credit", frames(Frames.CREDIT, 0)),
        named("credit for nothing", frames(Frames.CREDIT, 1)),
        named("much credit", frames(Frames.CREDIT, 0xffffff)),
        named("has read what was not sent", frames(Frames.CLOSE, 1)),
        named("data behind the end", frames(Frames.FIN, 0, Frames.DATA, 1)),
        named("urgent data behind the end", frames(Frames.FIN, 0, Frames.URGENT, 1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void lieEndsTheConnectionWithAReset(String name, byte[] bytes) throws Exception {
    try (Pair pair = Pair.calm()) {
      MemoryPipe other = MemoryPipe.between(pair.near, pair.far);
      UcxConnection client = Pair.connection(other, 3, 4);
      UcxConnection server = Pair.connection(other.peer(), 4, 3);
      pair.sendRaw(bytes);
      assertNotEquals(0, pair.server.readyEvents(NetworkEvent.CLOSE), name);
      if (bytes[3] != Frames.FIN) {
        IOException e = assertThrows(IOException.class, () -> Pair.read(pair.server, 1));
        assertEquals("Connection reset", e.getMessage());
      }
      assertThrows(IOException.class, () -> pair.server.write(new byte[1], 0, 1));
      assertThrows(IOException.class, () -> Pair.read(pair.client, 1), "aborted");
      Pair.write(client, new byte[] {1, 2, 3});
      assertEquals(3, Pair.read(server, 3).length);
      client.close();
      server.close();
    }
  }

  @Test
  void windowCanNotBePassedInPieces() throws Exception {
    try (Pair pair = Pair.calm()) {
      for (int i = 0; i < 4; i++) {
        pair.sendRaw(frames(Frames.DATA, Frames.WINDOW / 4));
        pair.sendRaw(new byte[Frames.WINDOW / 4]);
      }
      assertEquals(Frames.WINDOW, pair.server.available());
      assertEquals(0, pair.server.readyEvents(NetworkEvent.CLOSE));
      pair.sendRaw(frames(Frames.DATA, 1));
      assertNotEquals(0, pair.server.readyEvents(NetworkEvent.CLOSE));
      assertEquals(Frames.WINDOW, Pair.read(pair.server, Frames.WINDOW).length);
      assertThrows(IOException.class, () -> Pair.read(pair.server, 1));
    }
  }

  @Test
  void creditIsForWhatWasSentAndOnce() throws Exception {
    try (Pair pair = Pair.calm()) {
      Pair.write(pair.server, new byte[10]);
      pair.sendRaw(frames(Frames.CREDIT, 6, Frames.CREDIT, 4));
      assertEquals(0, pair.server.readyEvents(NetworkEvent.CLOSE));
      pair.sendRaw(frames(Frames.CREDIT, 1));
      assertNotEquals(0, pair.server.readyEvents(NetworkEvent.CLOSE));
    }
  }

  @Test
  void nothingIsHeardBehindTheLastFrame() throws Exception {
    try (Pair pair = Pair.calm()) {
      pair.sendRaw(frames(Frames.CLOSE, 0, 77, 0, Frames.RESET, 0));
      Pair.assertEnd(pair.server);
    }
  }

  @Test
  void noiseEndsOnlyItsOwnConnection() throws Exception {
    Random random = new Random(5);
    for (int round = 0; round < 300; round++) {
      try (Pair pair = Pair.calm()) {
        byte[] noise = new byte[random.nextInt(2000) + 1];
        random.nextBytes(noise);
        for (int at = 3; at < noise.length && random.nextInt(3) > 0; at += 4) {
          noise[at] = (byte) (1 + random.nextInt(6)); // sense, at first
        }
        pair.sendRaw(noise);
        pair.settle();
        pair.server.read(ByteBuffer.allocate(10_000));
      } catch (IOException reset) {
        assertEquals("Connection reset", reset.getMessage());
      }
    }
  }
}
