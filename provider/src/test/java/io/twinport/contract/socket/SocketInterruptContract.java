package io.twinport.contract.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Threads;
import io.twinport.contract.support.Transport;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Interrupts: a thread of the operating system goes on with its socket call, its status set; a
 * virtual thread (JDK 21) ends it and closes the socket. And what else virtual threads do with
 * sockets.
 */
public abstract class SocketInterruptContract extends SocketContract {
  protected SocketInterruptContract(Transport transport) {
    super(transport);
  }

  @Test
  void readGoesOn() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.near());
    reading.interrupt();
    send(ends.far(), "x");
    assertEquals('x', reading.join());
    assertTrue(reading.interruptedAtEnd());
    assertFalse(ends.near().isClosed());
  }

  @Test
  void timedReadGoesOn() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(19_000);
    Background<Integer> reading = blockedRead(ends.near());
    reading.interrupt();
    send(ends.far(), "x");
    assertEquals('x', reading.join());
    assertTrue(reading.interruptedAtEnd());
  }

  @Test
  void writeGoesOn() throws Exception {
    Ends ends = connectedEnds();
    Background<Void> writing = blockedWrite(ends.near());
    writing.interrupt();
    ends.far().getInputStream().readNBytes(32 << 20);
    writing.join();
    assertTrue(writing.interruptedAtEnd());
    assertFalse(ends.near().isClosed());
  }

  @Test
  void readerThatWaitsForAnotherGoesOn() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> first = blockedRead(ends.near());
    Background<Integer> second = blockedRead(ends.near());
    second.interrupt();
    send(ends.far(), "xy");
    assertEquals('x' + 'y', first.join() + second.join());
    assertTrue(second.interruptedAtEnd());
  }

  @Test
  void interruptedThreadReadsAndWrites() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> talking =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              send(ends.near(), "question");
              int answer = ends.near().getInputStream().read();
              assertTrue(Thread.currentThread().isInterrupted());
              return answer;
            });
    assertReceives("question", ends.far());
    send(ends.far(), "!");
    assertEquals('!', talking.join());
  }

  @Test
  void interruptedThreadTimesOut() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(30);
    Background<Integer> reading =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              return ends.near().getInputStream().read();
            });
    reading.joinFailure(SocketTimeoutException.class);
    assertTrue(reading.interruptedAtEnd());
  }

  @Test
  void interruptStormLosesNothing() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(4, 3_000_000);
    Background<byte[]> reading = spawn(() -> ends.near().getInputStream().readNBytes(data.length));
    Background<Void> writing =
        spawn(
            () -> {
              for (int i = 0; i < data.length; i += 30_000) {
                ends.far().getOutputStream().write(data, i, 30_000);
              }
              return null;
            });
    while (!reading.isDone()) {
      reading.interrupt();
      writing.interrupt();
    }
    assertEquals(Payload.hash(data), Payload.hash(reading.join()));
    writing.join();
  }

  @Test
  void virtualReadIsClosedByInterruptAsTheJdks() throws Exception {
    assertInterruptOfAVirtualReadAsTheJdks(0);
  }

  @Test
  void virtualTimedReadIsClosedByInterruptAsTheJdks() throws Exception {
    assertInterruptOfAVirtualReadAsTheJdks(15_000);
  }

  private void assertInterruptOfAVirtualReadAsTheJdks(int timeout) throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.near().setSoTimeout(timeout);
          Background<Integer> reading = blockedVirtual(() -> ends.near().getInputStream().read());
          return interruptedOutcome(
                  reading,
                  () -> {
                    send(ends.far(), "x");
                    return null;
                  })
              + ends.near().isClosed();
        });
  }

  @Test
  void virtualWriteIsClosedByInterruptAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          byte[] more = new byte[32 << 20];
          Background<Void> writing =
              blockedVirtual(
                  () -> {
                    ends.near().getOutputStream().write(more);
                    return null;
                  });
          return interruptedOutcome(
                  writing,
                  () -> {
                    ends.far().getInputStream().readNBytes(more.length);
                    return null;
                  })
              + ends.near().isClosed();
        });
  }

  @Test
  @Here(Here.End.LISTENER)
  void virtualAcceptIsClosedByInterruptAsTheJdks() throws Exception {
    assertInterruptOfAVirtualAcceptAsTheJdks(0);
  }

  @Test
  @Here(Here.End.LISTENER)
  void virtualTimedAcceptIsClosedByInterruptAsTheJdks() throws Exception {
    assertInterruptOfAVirtualAcceptAsTheJdks(15_000);
  }

  private void assertInterruptOfAVirtualAcceptAsTheJdks(int timeout) throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket server = sockets.serve();
          server.setSoTimeout(timeout);
          Background<Socket> accepting = blockedVirtual(server::accept);
          return interruptedOutcome(
                  accepting,
                  () -> {
                    sockets.newSocket().connect(server.getLocalSocketAddress());
                    closing(accepting.join());
                    return null;
                  })
              + server.isClosed();
        });
  }

  @Test
  void virtualReadWaitsForData() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedVirtual(() -> ends.near().getInputStream().read());
    send(ends.far(), "x");
    assertEquals('x', reading.join());
  }

  @Test
  void virtualAcceptWaitsForAConnect() throws Exception {
    ServerSocket server = serve();
    Background<Socket> accepting = blockedVirtual(server::accept);
    Socket socket = connectedTo(server);
    assertConverse(socket, closing(accepting.join()));
  }

  @Test
  void virtualWriteWaitsForTheReader() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(5, 12 << 20);
    Background<Void> writing =
        blockedVirtual(
            () -> {
              ends.near().getOutputStream().write(data);
              return null;
            });
    assertEquals(
        Payload.hash(data), Payload.hash(ends.far().getInputStream().readNBytes(data.length)));
    writing.join();
  }

  @Test
  void closeEndsVirtualReadWriteAndAccept() throws Exception {
    Ends ends = connectedEnds();
    ServerSocket server = serve();
    Background<Integer> reading = blockedVirtual(() -> ends.near().getInputStream().read());
    byte[] more = new byte[32 << 20];
    Background<Void> writing =
        blockedVirtual(
            () -> {
              ends.near().getOutputStream().write(more);
              return null;
            });
    Background<Socket> accepting = blockedVirtual(server::accept);
    ends.near().close();
    server.close();
    assertSocketClosed(reading);
    assertSocketClosed(writing);
    assertSocketClosed(accepting);
  }

  @Test
  void closeEndsTimedVirtualReadAndAccept() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(19_000);
    ServerSocket server = serve();
    server.setSoTimeout(19_000);
    Background<Integer> reading = blockedVirtual(() -> ends.near().getInputStream().read());
    Background<Socket> accepting = blockedVirtual(server::accept);
    ends.near().close();
    server.close();
    assertSocketClosed(reading);
    assertSocketClosed(accepting);
  }

  @Test
  void virtualReadEndsWithThePeer() throws Exception {
    for (int timeout : new int[] {0, 19_000}) {
      Ends ends = connectedEnds();
      ends.near().setSoTimeout(timeout);
      Background<Integer> reading = blockedVirtual(() -> ends.near().getInputStream().read());
      ends.far().close();
      assertEquals(-1, reading.join());
      Ends reset = connectedEnds();
      reset.near().setSoTimeout(timeout);
      reading = blockedVirtual(() -> reset.near().getInputStream().read());
      reset.far().setSoLinger(true, 0);
      reset.far().close();
      assertEquals("Connection reset", reading.joinFailure(SocketException.class).getMessage());
    }
  }

  @Test
  void virtualTimedReadAndAcceptGetWhatComes() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(19_000);
    Background<Integer> reading = blockedVirtual(() -> ends.near().getInputStream().read());
    send(ends.far(), "x");
    assertEquals('x', reading.join());
    ServerSocket server = serve();
    server.setSoTimeout(19_000);
    Background<Socket> accepting = blockedVirtual(server::accept);
    Socket socket = connectedTo(server);
    assertConverse(socket, closing(accepting.join()));
  }

  @Test
  void urgentByteWakesAVirtualReaderThatTakesItInline() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setOOBInline(true);
    Background<Integer> reading = blockedVirtual(() -> ends.near().getInputStream().read());
    ends.far().sendUrgentData('u');
    assertEquals('u', reading.join());
    ends.near().setOOBInline(false);
    reading = blockedVirtual(() -> ends.near().getInputStream().read());
    ends.far().sendUrgentData('v');
    send(ends.far(), "x");
    assertEquals('x', reading.join());
  }

  @Test
  void virtualReadTimesOut() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(40);
    Background<Integer> reading =
        Background.startVirtual(() -> ends.near().getInputStream().read());
    assertEquals("Read timed out", reading.joinFailure(SocketTimeoutException.class).getMessage());
    send(ends.far(), "x");
    assertEquals('x', ends.near().getInputStream().read());
  }

  @Test
  void virtualAcceptTimesOut() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(40);
    Background<Socket> accepting = Background.startVirtual(server::accept);
    assertEquals(
        "Accept timed out", accepting.joinFailure(SocketTimeoutException.class).getMessage());
    Socket socket = connectedTo(server);
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void virtualThreadsServeManyClients() throws Exception {
    ServerSocket server = newServerSocket();
    server.bind(transport.bindAddress(), 300);
    int clients = 150;
    Background<Void> acceptor =
        Background.startVirtual(
            () -> {
              for (int i = 0; i < clients; i++) {
                Socket accepted = acceptFrom(server);
                Background.startVirtual(
                    () -> accepted.getInputStream().transferTo(accepted.getOutputStream()));
              }
              return null;
            });
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      sockets.add(connectedTo(server));
    }
    acceptor.join();
    for (int round = 0; round < 3; round++) {
      for (Socket socket : sockets) {
        send(socket, "round");
      }
      for (Socket socket : sockets) {
        assertReceives("round", socket);
      }
    }
  }

  @Test
  void interruptRacesWithVirtualReadsAndNeverHangs() throws Exception {
    for (int i = 0; i < 60; i++) {
      Ends ends = connectedEnds();
      Background<Integer> reading =
          Background.startVirtual(() -> ends.near().getInputStream().read());
      reading.interrupt();
      if (Threads.hasVirtual()) {
        String message = reading.joinFailure(SocketException.class).getMessage();
        assertEquals("Closed by interrupt", message);
        assertTrue(ends.near().isClosed());
        assertAtEnd(ends.far());
      } else {
        send(ends.far(), "x");
        assertEquals('x', reading.join());
      }
      assertTrue(reading.interruptedAtEnd());
    }
  }
}
