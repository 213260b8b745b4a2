package io.twinport.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Blocking calls on virtual threads, where the JVM has them; on ordinary threads elsewhere. */
public abstract class VirtualThreadContract extends ContractTest {
  protected VirtualThreadContract(Transport transport) {
    super(transport);
  }

  private static <T> Background<T> spawnVirtual(Callable<T> call) {
    return Background.startVirtual(call);
  }

  private static Background<Integer> readBlocked(SocketChannel channel) throws Exception {
    Background<Integer> reading = spawnVirtual(() -> channel.read(ByteBuffer.allocate(8)));
    reading.awaitBlocked();
    return reading;
  }

  @Test
  void readOnAVirtualThreadWaitsForData() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = readBlocked(pair.near());
    writeFully(pair.far(), "abc");
    assertEquals(3, reading.join());
  }

  @Test
  void acceptOnAVirtualThreadWaitsForAConnect() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawnVirtual(listener::accept);
    accepting.awaitBlocked();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    assertEquals(channel.getLocalAddress(), closing(accepting.join()).getRemoteAddress());
  }

  @Test
  void writeOnAVirtualThreadWaitsForTheReader() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(1, 12 << 20);
    Background<Void> writing =
        spawnVirtual(
            () -> {
              writeFully(pair.near(), ByteBuffer.wrap(data));
              return null;
            });
    writing.awaitBlocked();
    assertEquals(Payload.hash(data), Payload.hash(readFully(pair.far(), data.length)));
    writing.join();
  }

  @Test
  void closeEndsAVirtualThreadsRead() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = readBlocked(pair.near());
    pair.near().close();
    reading.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void closeEndsAVirtualThreadsWrite() throws Exception {
    assertCloseEndsTheWrite(channel -> channel.write(ByteBuffer.allocate(1 << 20)));
  }

  @Test
  void closeEndsAVirtualThreadsGatheringWrite() throws Exception {
    assertCloseEndsTheWrite(
        channel ->
            channel.write(
                new ByteBuffer[] {ByteBuffer.allocate(1 << 18), ByteBuffer.allocate(1 << 20)}));
  }

  private interface Write {
    long to(SocketChannel channel) throws IOException;
  }

  private void assertCloseEndsTheWrite(Write write) throws Exception {
    Pair pair = connectedPair();
    fill(pair.near(), ByteBuffer.allocate(64 << 20));
    pair.near().configureBlocking(true);
    Background<Void> writing =
        spawnVirtual(
            () -> {
              while (write.to(pair.near()) > 0) {
                // There was room still.
              }
              return null;
            });
    writing.awaitBlocked();
    pair.near().close();
    writing.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void aVirtualThreadsWriteReturnsWithAPart() throws Exception {
    assumeTrue(Threads.hasVirtual(), "this JDK has no virtual threads");
    Pair pair = connectedPair();
    ByteBuffer much = ByteBuffer.allocate(64 << 20);
    int written = spawnVirtual(() -> pair.near().write(much)).join();
    assertTrue(written > 0 && written < much.capacity(), () -> "written " + written);
    assertEquals(written, much.position());
  }

  @Test
  void closeEndsAVirtualThreadsAccept() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawnVirtual(listener::accept);
    accepting.awaitBlocked();
    listener.close();
    accepting.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void interruptEndsAVirtualThreadsReadAndCloses() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = readBlocked(pair.near());
    reading.interrupt();
    reading.joinFailure(ClosedByInterruptException.class);
    assertTrue(reading.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
    assertEndOfStream(pair.far());
  }

  @Test
  void interruptEndsAVirtualThreadsAcceptAndCloses() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawnVirtual(listener::accept);
    accepting.awaitBlocked();
    accepting.interrupt();
    accepting.joinFailure(ClosedByInterruptException.class);
    assertFalse(listener.isOpen());
  }

  @Test
  void timedReadOfAVirtualThreadTimesOut() throws Exception {
    Pair pair = connectedPair();
    pair.near().socket().setSoTimeout(60);
    Background<Integer> reading = spawnVirtual(() -> pair.near().socket().getInputStream().read());
    assertEquals("Read timed out", reading.joinFailure(SocketTimeoutException.class).getMessage());
    writeFully(pair.far(), "x");
    Background<Integer> again = spawnVirtual(() -> pair.near().socket().getInputStream().read());
    assertEquals('x', again.join());
  }

  @Test
  void hundredsOfVirtualThreadsWaitAtOnce() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 500);
    List<SocketChannel> channels = new ArrayList<>();
    List<Background<Void>> echoes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      channels.add(connectTo(listener.getLocalAddress()));
      SocketChannel accepted = accept(listener);
      echoes.add(
          spawnVirtual(
              () -> {
                for (int round = 0; round < 3; round++) {
                  writeFully(accepted, ByteBuffer.wrap(readFully(accepted, 5)));
                }
                return null;
              }));
    }
    for (int round = 0; round < 3; round++) {
      for (SocketChannel channel : channels) {
        writeFully(channel, "round");
      }
      for (SocketChannel channel : channels) {
        assertReads("round", channel);
      }
    }
    for (Background<Void> echo : echoes) {
      echo.join();
    }
  }

  @Test
  void virtualThreadsPlayPingPong() throws Exception {
    Pair pair = connectedPair();
    int rounds = 2000;
    Background<Void> far =
        spawnVirtual(
            () -> {
              for (int i = 0; i < rounds; i++) {
                writeFully(pair.far(), ByteBuffer.wrap(readFully(pair.far(), 16)));
              }
              return null;
            });
    Background<Void> near =
        spawnVirtual(
            () -> {
              for (int i = 0; i < rounds; i++) {
                byte[] ball = Payload.random(i, 16);
                writeFully(pair.near(), ByteBuffer.wrap(ball));
                assertArrayEquals(ball, readFully(pair.near(), 16));
              }
              return null;
            });
    near.join();
    far.join();
  }

  @Test
  void clientsOnVirtualThreadsConnectAllAtOnce() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 500);
    List<Background<byte[]>> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      clients.add(spawnVirtual(() -> readFully(connectTo(listener.getLocalAddress()), 2)));
    }
    for (int i = 0; i < 100; i++) {
      writeFully(accept(listener), "ok");
    }
    for (Background<byte[]> client : clients) {
      assertArrayEquals(bytes("ok").array(), client.join());
    }
  }
}
