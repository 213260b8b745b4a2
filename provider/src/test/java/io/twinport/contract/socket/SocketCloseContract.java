package io.twinport.contract.socket;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Descriptors;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Closing a {@link Socket}: what its own threads see, and what its peer sees. */
public abstract class SocketCloseContract extends SocketContract {
  protected SocketCloseContract(Transport transport) {
    super(transport);
  }

  @Test
  void peerReadsWhatWasSentAndThenTheEnd() throws Exception {
    Ends ends = connectedEnds();
    send(ends.near(), "last words");
    ends.near().close();
    assertReceives("last words", ends.far());
    assertAtEnd(ends.far());
    assertAtEnd(ends.far());
  }

  @Test
  void everythingSentBeforeCloseArrives() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(1, 2_500_000);
    ends.near().getOutputStream().write(data);
    ends.near().close();
    assertEquals(Payload.hash(data), Payload.hash(ends.far().getInputStream().readAllBytes()));
  }

  @Test
  void closeEndsABlockedReadOfThePeer() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.far());
    ends.near().close();
    assertEquals(-1, reading.join());
  }

  @Test
  void closeEndsABlockedRead() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.near());
    ends.near().close();
    assertSocketClosed(reading);
    assertAtEnd(ends.far());
  }

  @Test
  void closeEndsABlockedWrite() throws Exception {
    Ends ends = connectedEnds();
    Background<Void> writing = blockedWrite(ends.near());
    ends.near().close();
    assertSocketClosed(writing);
  }

  @Test
  void closeEndsReadAndWriteAtOnce() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.near());
    Background<Void> writing = blockedWrite(ends.near());
    ends.near().close();
    assertSocketClosed(reading);
    assertSocketClosed(writing);
  }

  @Test
  void closeEndsAllReadersInARow() throws Exception {
    Ends ends = connectedEnds();
    List<Background<Integer>> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      readers.add(blockedRead(ends.near()));
    }
    ends.near().close();
    for (Background<Integer> reader : readers) {
      assertSocketClosed(reader);
    }
  }

  @Test
  void closeEndsAllWritersInARow() throws Exception {
    Ends ends = connectedEnds();
    List<Background<Void>> writers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      writers.add(blockedWrite(ends.near()));
    }
    ends.near().close();
    for (Background<Void> writer : writers) {
      assertSocketClosed(writer);
    }
  }

  @Test
  void closeEndsATransfer() throws Exception {
    Ends ends = connectedEnds();
    Background<Long> transfer =
        blocked(() -> ends.near().getInputStream().transferTo(new ByteArrayOutputStream()));
    ends.near().close();
    assertSocketClosed(transfer);
  }

  @Test
  void closingTheStreamEndsABlockedRead() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.near());
    ends.near().getOutputStream().close();
    assertSocketClosed(reading);
    assertTrue(ends.near().isClosed());
  }

  @Test
  void streamsOfAClosedSocketThrow() throws Exception {
    Ends ends = connectedEnds();
    InputStream in = ends.near().getInputStream();
    OutputStream out = ends.near().getOutputStream();
    ends.near().close();
    assertSocketException("Socket closed", in::read);
    assertSocketException("Socket closed", in::available);
    assertSocketException("Socket closed", () -> out.write(1));
    assertSocketException("Socket is closed", ends.near()::getInputStream);
    assertSocketException("Socket is closed", ends.near()::getOutputStream);
    assertSocketException("Socket is closed", ends.near()::shutdownInput);
    assertSocketException("Socket is closed", ends.near()::shutdownOutput);
  }

  @Test
  void endOnceReadIsReadAgainAfterClose() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          InputStream in = ends.near().getInputStream();
          ends.far().close();
          int first = in.read();
          ends.near().close();
          return first + " then " + Outcome.of(in::read) + Outcome.of(in::available);
        });
  }

  @Test
  void bytesNotReadBeforeCloseAreGone() throws Exception {
    Ends ends = connectedEnds();
    send(ends.far(), "unread");
    InputStream in = ends.near().getInputStream();
    awaitTrue("arrived", () -> in.available() > 0);
    ends.near().close();
    assertSocketException("Socket closed", in::read);
  }

  @Test
  void writesAfterThePeersCloseFailInTheEnd() throws Exception {
    Ends ends = connectedEnds();
    ends.far().close();
    assertAtEnd(ends.near());
    SocketException e = null;
    for (int i = 0; i < 1_000_000 && e == null; i++) {
      e = failureOfWrite(ends.near());
    }
    assertTrue(e != null, "nobody will ever read that");
    assertTrue(List.of("Broken pipe", "Connection reset").contains(e.getMessage()), e.getMessage());
    assertFalse(ends.near().isClosed());
  }

  @Test
  void oneLargeWriteAfterThePeersCloseFails() throws Exception {
    Ends ends = connectedEnds();
    ends.far().close();
    assertAtEnd(ends.near());
    OutputStream out = ends.near().getOutputStream();
    assertSocketException("Broken pipe", () -> out.write(new byte[1 << 24]));
  }

  private static SocketException failureOfWrite(Socket socket) throws Exception {
    try {
      socket.getOutputStream().write(1);
      return null;
    } catch (SocketException e) {
      return e;
    }
  }

  @Test
  void blockedWriteEndsWhenThePeerCloses() throws Exception {
    Ends ends = connectedEnds();
    Background<Void> writing = blockedWrite(ends.near());
    ends.far().close();
    String message = writing.joinFailure(SocketException.class).getMessage();
    assertTrue(
        List.of("Broken pipe", "Connection reset", "Connection reset by peer").contains(message),
        message);
  }

  @Test
  void closeOfBothEndsAtOnceIsFine() throws Exception {
    for (int i = 0; i < 50; i++) {
      Ends ends = connectedEnds();
      Background<Void> far =
          spawn(
              () -> {
                ends.far().close();
                return null;
              });
      ends.near().close();
      far.join();
      assertTrue(ends.near().isClosed() && ends.far().isClosed());
    }
  }

  @Test
  void closeByManyThreadsAtOnceIsFine() throws Exception {
    for (int i = 0; i < 30; i++) {
      Ends ends = connectedEnds();
      Background<Integer> reading = spawn(() -> ends.near().getInputStream().read());
      List<Background<Void>> closers = new ArrayList<>();
      for (int c = 0; c < 4; c++) {
        closers.add(
            spawn(
                () -> {
                  ends.near().close();
                  return null;
                }));
      }
      for (Background<Void> closer : closers) {
        closer.join();
      }
      String message = reading.joinFailure(SocketException.class).getMessage();
      assertTrue(message.equals("Socket closed") || message.equals("Socket is closed"), message);
      assertAtEnd(ends.far());
    }
  }

  @Test
  void closeRacesWithReads() throws Exception {
    for (int i = 0; i < 100; i++) {
      Ends ends = connectedEnds();
      InputStream in = ends.near().getInputStream();
      Background<Integer> reading = spawn(in::read);
      ends.near().close();
      assertSocketClosed(reading);
      assertSocketException("Socket closed", in::read);
      ends.far().close();
    }
  }

  @Test
  void closeRacesWithWrites() throws Exception {
    for (int i = 0; i < 30; i++) {
      Ends ends = connectedEnds();
      OutputStream out = ends.near().getOutputStream();
      byte[] block = new byte[64 * 1024];
      Background<Void> writing =
          spawn(
              () -> {
                while (true) {
                  out.write(block);
                }
              });
      assertEquals(0, ends.far().getInputStream().read());
      Background<byte[]> reading = spawn(() -> ends.far().getInputStream().readAllBytes());
      ends.near().close();
      assertSocketClosed(writing);
      reading.join();
    }
  }

  @Test
  void tryWithResourcesCloses() throws Exception {
    Ends ends = connectedEnds();
    try (Socket socket = ends.near()) {
      send(socket, "bye");
    }
    assertArrayEquals(utf8("bye"), ends.far().getInputStream().readAllBytes());
  }

  @Test
  void optionsOfAClosedSocketAreRefused() throws Exception {
    Socket socket = connectedEnds().near();
    socket.close();
    assertSocketException("Socket is closed", () -> socket.setTcpNoDelay(true));
    assertSocketException("Socket is closed", socket::getTcpNoDelay);
    assertSocketException("Socket is closed", () -> socket.setKeepAlive(true));
    assertSocketException("Socket is closed", socket::getKeepAlive);
    assertSocketException("Socket is closed", () -> socket.setSoLinger(true, 1));
    assertSocketException("Socket is closed", socket::getSoLinger);
    assertSocketException("Socket is closed", () -> socket.setSendBufferSize(1));
    assertSocketException("Socket is closed", socket::getReceiveBufferSize);
  }

  @Test
  @Here(Here.End.LISTENER)
  void lostServerSocketListensNoLonger() throws Exception {
    SocketAddress address = addressOfALostServerSocket();
    awaitTrue(
        "refused",
        () -> {
          System.gc();
          try (Socket socket = newSocket()) {
            socket.connect(address);
            return false;
          } catch (ConnectException e) {
            return true;
          } catch (SocketException e) {
            return false; // "Connection reset by peer": closed in the middle of this handshake.
          }
        });
  }

  @SuppressWarnings("resource") // That is the point.
  private SocketAddress addressOfALostServerSocket() throws Exception {
    ServerSocket server = transport.newServerSocket();
    server.bind(transport.bindAddress(), 4000); // Else a full backlog would refuse, too.
    return server.getLocalSocketAddress();
  }

  @Test
  void descriptorsAreGivenBack() throws Exception {
    connectedEnds();
    int before = Descriptors.count();
    for (int i = 0; i < 40; i++) {
      Ends ends = connectedEnds();
      assertConverse(ends.near(), ends.far());
      ends.near().close();
      ends.far().close();
    }
    awaitTrue("no more descriptors than before", () -> Descriptors.count() <= before + 2);
  }

  @Test
  void descriptorsOfClosedReadersAreGivenBack() throws Exception {
    blockedRead(connectedEnds().near());
    int before = Descriptors.count();
    for (int i = 0; i < 20; i++) {
      Ends ends = connectedEnds();
      Background<Integer> reading = blockedRead(ends.near());
      ends.near().close();
      reading.joinFailure(SocketException.class);
      ends.far().close();
    }
    awaitTrue("no more descriptors than before", () -> Descriptors.count() <= before + 2);
  }

  @Test
  void closeDuringAReadOfItsOwnIsTheEndForThePeer() throws Exception {
    for (boolean virtual : new boolean[] {false, true}) {
      for (int timeout : new int[] {0, 60_000}) {
        Ends ends = connectedEnds();
        ends.near().setSoTimeout(timeout);
        InputStream in = ends.near().getInputStream();
        Background<Integer> reading =
            virtual ? Background.startVirtual(in::read) : Background.start(in::read);
        reading.awaitBlocked();
        ends.near().close();
        assertEquals(-1, ends.far().getInputStream().read());
        assertEquals("Socket closed", reading.joinFailure(SocketException.class).getMessage());
      }
    }
  }
}
