package io.twinport.contract.socket;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code SO_LINGER} and resets: abortive close, and what either end sees of it. */
public abstract class SocketResetContract extends SocketContract {
  private static final String RESET = "java.net.SocketException: Connection reset";

  protected SocketResetContract(Transport transport) {
    super(transport);
  }

  private static void abort(Socket socket) throws Exception {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** The message of a write that fails sooner or later. */
  private static String messageOfFailingWrite(Socket socket) {
    return assertThrows(
            SocketException.class,
            () -> {
              while (true) {
                socket.getOutputStream().write(new byte[1000]);
              }
            })
        .getMessage();
  }

  @Test
  void lingerOfZeroResets() throws Exception {
    Ends ends = connectedEnds();
    abort(ends.far());
    assertSocketException("Connection reset", () -> ends.near().getInputStream().read());
  }

  @Test
  void resetEndsABlockedRead() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.near());
    abort(ends.far());
    assertEquals("Connection reset", reading.joinFailure(SocketException.class).getMessage());
  }

  @Test
  void resetEndsABlockedWrite() throws Exception {
    Ends ends = connectedEnds();
    Background<Void> writing = blockedWrite(ends.near());
    abort(ends.far());
    String message = writing.joinFailure(SocketException.class).getMessage();
    assertTrue(
        List.of("Connection reset", "Connection reset by peer", "Broken pipe").contains(message),
        message);
  }

  /** As much as fits in, and then the end: it is cut off behind what the peer has taken in. */
  @Test
  void abortBehindAnEndThatThePeerIsFarFromIsAReset() throws Exception {
    Ends ends = connectedEnds();
    Background<Void> writing = blockedWrite(ends.far());
    ends.far().shutdownOutput();
    writing.joinFailure(SocketException.class);
    abort(ends.far());
    InputStream in = ends.near().getInputStream();
    assertSocketException(
        "Connection reset",
        () -> {
          while (in.read(new byte[64 << 10]) >= 0) {}
        });
  }

  @Test
  void abortBehindAnEndThatHasArrivedLeavesTheEnd() throws Exception {
    Ends ends = connectedEnds();
    ends.far().getOutputStream().write(new byte[1000]);
    ends.far().shutdownOutput();
    assertEquals(1000, ends.near().getInputStream().readNBytes(1000).length);
    assertEquals(-1, ends.near().getInputStream().read());
    abort(ends.far());
    assertEquals(-1, ends.near().getInputStream().read());
  }

  @Test
  void resetIsSeenByEveryRead() throws Exception {
    Ends ends = connectedEnds();
    abort(ends.far());
    InputStream in = ends.near().getInputStream();
    for (int i = 0; i < 3; i++) {
      assertSocketException("Connection reset", in::read);
      assertSocketException("Connection reset", () -> in.read(new byte[10]));
    }
  }

  @Test
  void availableAfterAResetIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          abort(ends.far());
          InputStream in = ends.near().getInputStream();
          return Outcome.of(in::read) + Outcome.of(in::available) + Outcome.of(in::read);
        });
  }

  @Test
  void writesAfterAResetWasReadFailAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          abort(ends.far());
          return Outcome.of(() -> ends.near().getInputStream().read())
              + Outcome.ofAction(() -> ends.near().getOutputStream().write(1))
              + Outcome.ofAction(() -> ends.near().getOutputStream().write(1));
        });
  }

  @Test
  void writesIntoAResetFail() throws Exception {
    Ends ends = connectedEnds();
    abort(ends.far());
    String message = messageOfFailingWrite(ends.near());
    assertTrue(
        List.of("Connection reset", "Connection reset by peer", "Broken pipe").contains(message),
        message);
    assertFalse(ends.near().isClosed());
  }

  @Test
  void resetSocketStillClosesItself() throws Exception {
    Ends ends = connectedEnds();
    abort(ends.far());
    InputStream in = ends.near().getInputStream();
    assertSocketException("Connection reset", in::read);
    ends.near().close();
    assertTrue(ends.near().isClosed());
    assertSocketException("Socket closed", in::read);
  }

  @Test
  void closeWithUnreadBytesIsAsTheJdks() throws Exception {
    String told =
        assertAsTheJdks(
            sockets -> {
              Ends ends = sockets.connect();
              send(ends.near(), "never read");
              awaitTrue("arrived", () -> ends.far().getInputStream().available() > 0);
              ends.far().close();
              String end = Outcome.of(() -> ends.near().getInputStream().read());
              messageOfFailingWrite(ends.near());
              return end + ", then " + Outcome.of(() -> ends.near().getInputStream().read());
            });
    // The JDK ends its output before it closes, so that the peer reads the end before the reset.
    assertEquals("returns -1, then returns -1", told);
  }

  @Test
  void bytesSentToAClosedEndResetIt() throws Exception {
    Ends ends = connectedEnds();
    ends.far().close();
    assertAtEnd(ends.near());
    messageOfFailingWrite(ends.near());
    assertAtEnd(ends.near());
  }

  @Test
  void lingerThatIsNotZeroClosesGracefully() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setSoLinger(true, 5);
    send(ends.far(), "gracefully");
    ends.far().close();
    assertReceives("gracefully", ends.near());
    assertAtEnd(ends.near());
  }

  @Test
  void lingeringCloseEndsOnceAllIsRead() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setSoLinger(true, 30);
    byte[] data = Payload.random(1, 2_000_000);
    ends.far().getOutputStream().write(data);
    Background<Void> closing =
        spawn(
            () -> {
              ends.far().close();
              return null;
            });
    assertEquals(Payload.hash(data), Payload.hash(ends.near().getInputStream().readAllBytes()));
    closing.join();
  }

  @Test
  void lingeringCloseHoldsNoOtherConnectionUp() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoLinger(true, 30);
    Background<Void> writing = blockedWrite(ends.near());
    Background<Void> closing =
        spawn(
            () -> {
              ends.near().close();
              return null;
            });
    Ends others = connectedEnds();
    assertConverse(others.near(), others.far());
    others.far().close();
    assertAtEnd(others.near());
    ends.far().getInputStream().readAllBytes();
    closing.join();
    assertSocketClosed(writing);
  }

  @Test
  void lingeringCloseReturnsSoonWhenNothingIsUnsent() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setSoLinger(true, 60);
    long start = System.nanoTime();
    ends.far().close();
    assertTrue(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) < 15);
    assertAtEnd(ends.near());
  }

  @Test
  void lingerTakenBackClosesGracefully() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setSoLinger(true, 0);
    ends.far().setSoLinger(false, 0);
    assertEquals(-1, ends.far().getSoLinger());
    send(ends.far(), "end");
    ends.far().close();
    assertReceives("end", ends.near());
    assertAtEnd(ends.near());
  }

  @Test
  void lingerSetBeforeConnectResets() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    socket.setSoLinger(true, 0);
    socket.connect(server.getLocalSocketAddress());
    Socket accepted = acceptFrom(server);
    assertEquals(0, socket.getSoLinger());
    socket.close();
    assertSocketException("Connection reset", () -> accepted.getInputStream().read());
  }

  @Test
  void lingerIsSetAndRead() throws Exception {
    Socket socket = newSocket();
    assertEquals(-1, socket.getSoLinger());
    socket.setSoLinger(true, 7);
    assertEquals(7, socket.getSoLinger());
    socket.setSoLinger(true, 100_000);
    assertEquals(65535, socket.getSoLinger());
    assertThrows(IllegalArgumentException.class, () -> socket.setSoLinger(true, -1));
    socket.setSoLinger(false, -1);
    assertEquals(-1, socket.getSoLinger());
  }

  @Test
  void abortOfOneEndDuringAReadOfItsOwnIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          Background<String> reading =
              blocked(() -> Outcome.of(() -> ends.near().getInputStream().read()));
          abort(ends.near());
          return reading.join() + Outcome.of(() -> ends.far().getInputStream().read());
        });
  }

  @Test
  void abortAfterShutdownIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.far().shutdownOutput();
          assertAtEnd(ends.near());
          abort(ends.far());
          awaitTrue(
              "writes fail", () -> !Outcome.ofAction(() -> send(ends.near(), "x")).startsWith("r"));
          return Outcome.of(() -> ends.near().getInputStream().read());
        });
  }

  @Test
  void closingTheListenerResetsWhoeverIsQueued() throws Exception {
    ServerSocket server = serve();
    Socket socket = connectedTo(server);
    server.close();
    assertSocketException("Connection reset", () -> socket.getInputStream().read());
  }

  @Test
  void otherConnectionsOutliveAReset() throws Exception {
    ServerSocket server = serve();
    Socket one = connectedTo(server);
    Socket acceptedOne = acceptFrom(server);
    Socket two = connectedTo(server);
    Socket acceptedTwo = acceptFrom(server);
    abort(one);
    assertSocketException("Connection reset", () -> acceptedOne.getInputStream().read());
    assertConverse(two, acceptedTwo);
  }

  /** Linux keeps what has arrived before a reset. */
  @Test
  void whatCameBeforeAResetIsReadAsTheJdks() throws Exception {
    for (boolean writesFirst : new boolean[] {false, true}) {
      String told =
          assertAsTheJdks(
              sockets -> {
                Ends ends = sockets.connect();
                ends.far().getOutputStream().write(new byte[1000]);
                InputStream in = ends.near().getInputStream();
                awaitTrue("arrived", () -> in.available() == 1000);
                abort(ends.far());
                if (writesFirst) {
                  messageOfFailingWrite(ends.near());
                }
                int read = in.readNBytes(1000).length;
                StringBuilder end = new StringBuilder("read " + read);
                for (int i = 0; i < 3; i++) {
                  end.append(", ").append(in.available());
                  end.append(' ').append(Outcome.of(() -> in.read(new byte[10])));
                }
                return end.toString();
              });
      String end = writesFirst ? ", 0 returns -1" : ", 0 throws " + RESET;
      assertEquals("read 1000" + end.repeat(3), told);
    }
  }

  /** The kernel reports a reset once. Reads remember one that they were told of. */
  @Test
  void resetThatAWriteWasToldOfIsTheEndForReadsAsTheJdks() throws Exception {
    String told =
        assertAsTheJdks(
            sockets -> {
              Ends ends = sockets.connect();
              abort(ends.far());
              OutputStream out = ends.near().getOutputStream();
              InputStream in = ends.near().getInputStream();
              awaitTrue(
                  "written to no more",
                  () -> Outcome.ofAction(() -> out.write(1)).contains("reset by peer"));
              return Outcome.of(in::read)
                  + ", "
                  + Outcome.ofAction(() -> out.write(1))
                  + ", "
                  + Outcome.of(in::read);
            });
    assertEquals("returns -1, throws java.net.SocketException: Broken pipe, returns -1", told);
  }
}
