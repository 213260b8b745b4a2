package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Half-close, close, reset, as {@link SanConnection} says. */
@Timeout(60)
class CloseTest {
  private Listening listening;
  private SanConnection client;
  private SanConnection server;

  @BeforeEach
  void connect() throws IOException {
    listening = Listening.open(5);
    Listening.Pair pair = listening.pair();
    client = pair.client();
    server = pair.server();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    listening.close();
  }

  @Test
  void halfCloseLeavesTheOtherDirection() throws IOException {
    byte[] question = Flow.bytes(1, 100_000);
    Flow.write(client, question);
    client.shutdownOutput();
    client.shutdownOutput();
    assertArrayEquals(question, Flow.read(server, question.length));
    Flow.assertEnd(server);
    byte[] answer = Flow.bytes(2, 200_000);
    Flow.write(server, answer);
    server.shutdownOutput();
    assertArrayEquals(answer, Flow.read(client, answer.length));
    Flow.assertEnd(client);
    Flow.assertEnd(client);
  }

  @Test
  void sleepingReaderHearsOfTheEnd() throws Exception {
    Thread closer = later(client::close);
    Flow.assertEnd(server);
    closer.join();
  }

  @Test
  void sleepingWriterHearsOfTheClose() throws Exception {
    int taken = Flow.writeNow(client, new byte[LinkLayout.MAX_UNREAD + 1]);
    assertEquals(LinkLayout.MAX_UNREAD, taken);
    Thread closer = later(server::close);
    assertThrows(IOException.class, () -> Flow.write(client, new byte[10]));
    closer.join();
  }

  private static Thread later(Runnable action) {
    Thread thread =
        new Thread(
            () -> {
              try {
                Thread.sleep(100);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              action.run();
            });
    thread.start();
    return thread;
  }

  @Test
  void whatWasWrittenBeforeCloseArrives() throws IOException {
    byte[] bytes = Flow.bytes(3, 1_000_000);
    Flow.write(client, bytes);
    client.close();
    assertArrayEquals(bytes, Flow.read(server, bytes.length));
    Flow.assertEnd(server);
  }

  @Test
  void closeWithUnreadBytesResets() throws IOException {
    Flow.write(client, new byte[10]);
    server.close();
    assertEquals("Connection reset", readFailure().getMessage());
    assertEquals("Connection reset", readFailure().getMessage(), "again, as long as it is asked");
    assertEquals("Broken pipe", writeFailure().getMessage());
  }

  @Test
  void abortResets() throws IOException {
    server.abort();
    assertEquals("Connection reset by peer", writeFailure().getMessage());
    assertEquals("Broken pipe", writeFailure().getMessage());
    Flow.assertEnd(client); // The write was told of the reset, and nobody is told twice.
  }

  @Test
  void writesToAPeerThatHasClosed() throws IOException {
    server.close();
    Flow.assertEnd(client);
    assertEquals(10, client.write(ByteBuffer.allocate(10)), "the first bytes are on their way");
    assertEquals("Broken pipe", writeFailure().getMessage());
  }

  private IOException readFailure() {
    return assertThrows(SocketException.class, () -> Flow.read(client, 1));
  }

  private IOException writeFailure() {
    return assertThrows(IOException.class, () -> client.write(ByteBuffer.allocate(1)));
  }

  @Test
  void closedPeerIsReadyForAll() throws IOException {
    int all = NetworkEvent.READ | NetworkEvent.WRITE | NetworkEvent.CLOSE;
    assertEquals(NetworkEvent.WRITE, client.readyEvents(all));
    server.close();
    assertEquals(all, client.readyEvents(all));
    try (BellSeat seat = BellSeat.of(listening.through)) {
      assertEquals(all, client.arm(all, seat));
    }
  }

  @Test
  void closeIsIdempotent() throws IOException {
    client.close();
    client.close();
    client.abort();
    client.shutdownOutput();
    server.abort();
    server.close();
    listening.pair().close();
  }

  @Test
  void bothSidesMayCloseAtOnce() throws Exception {
    for (int i = 0; i < 2000; i++) {
      Listening.Pair pair = listening.pair();
      Flow.write(pair.client(), new byte[] {1});
      Thread other = new Thread(pair.server()::close);
      other.start();
      pair.client().close();
      other.join();
    }
    // All slots came back, or the link would have asked for more and more of them.
    Listening.Pair pair = listening.pair();
    assertTrue(pair.client().localAddress().getPort() > 0);
    assertNotEquals(0, pair.client().readyEvents(NetworkEvent.WRITE));
    pair.close();
  }

  @Test
  void urgentBytesThatNobodyReadsFindAFullStream() throws Exception {
    int written = 1;
    while (written > 0) {
      written = client.write(ByteBuffer.allocate(1 << 20));
    }
    assertEquals(0, client.writeUrgent((byte) 1));
  }

  @Test
  void urgentBytesAreForThoseWhoAsk() throws Exception {
    assertEquals(1, client.writeUrgent((byte) 1));
    server.takeUrgentInline(true);
    assertEquals(1, client.writeUrgent((byte) 2));
    server.takeUrgentInline(false);
    assertEquals(1, client.writeUrgent((byte) 3));
    // waits: the memory that the byte is in may still be on its way to the server
    assertArrayEquals(new byte[] {2}, Flow.read(server, 1));
    assertEquals(0, server.read(ByteBuffer.allocate(8)));
  }
}
