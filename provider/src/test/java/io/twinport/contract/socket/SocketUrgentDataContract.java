package io.twinport.contract.socket;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * {@link Socket#sendUrgentData}: the byte is in the stream of a receiver that has set {@code
 * SO_OOBINLINE}, and passes any other receiver by.
 */
public abstract class SocketUrgentDataContract extends SocketContract {
  protected SocketUrgentDataContract(Transport transport) {
    super(transport);
  }

  @Test
  void inlineReceiverReadsTheByteInItsPlace() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setOOBInline(true);
    send(ends.near(), "before");
    ends.near().sendUrgentData('!');
    send(ends.near(), "after");
    assertReceives("before!after", ends.far());
  }

  @Test
  void otherReceiversNeverSeeTheByte() throws Exception {
    Ends ends = connectedEnds();
    send(ends.near(), "before");
    ends.near().sendUrgentData('!');
    send(ends.near(), "after");
    assertReceives("beforeafter", ends.far());
    ends.near().close();
    assertAtEnd(ends.far());
  }

  @Test
  void urgentByteAloneWakesAnInlineReader() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setOOBInline(true);
    Background<Integer> reading = blockedRead(ends.far());
    ends.near().sendUrgentData('u');
    assertEquals('u', reading.join());
  }

  @Test
  void urgentByteLeavesOtherReadersAsleep() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.far());
    ends.near().sendUrgentData('u');
    send(ends.near(), "x");
    assertEquals('x', reading.join());
  }

  @Test
  void onlyTheLowestEightBitsAreSent() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setOOBInline(true);
    ends.near().sendUrgentData(0x12345);
    ends.near().sendUrgentData(-1);
    assertEquals(0x45, ends.far().getInputStream().read());
    assertEquals(0xff, ends.far().getInputStream().read());
  }

  @Test
  void manyUrgentBytesKeepTheirOrderInline() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setOOBInline(true);
    for (int i = 0; i < 100; i++) {
      ends.near().sendUrgentData(i);
      ends.near().getOutputStream().write(200);
    }
    InputStream in = ends.far().getInputStream();
    for (int i = 0; i < 100; i++) {
      assertEquals(i, in.read());
      assertEquals(200, in.read());
    }
  }

  @Test
  void urgentBytesPassBothWays() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setOOBInline(true);
    ends.far().setOOBInline(true);
    ends.near().sendUrgentData('a');
    ends.far().sendUrgentData('b');
    assertEquals('a', ends.far().getInputStream().read());
    assertEquals('b', ends.near().getInputStream().read());
  }

  @Test
  void inlineIsSetBeforeConnect() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    socket.setOOBInline(true);
    socket.connect(server.getLocalSocketAddress());
    Socket accepted = acceptFrom(server);
    assertTrue(socket.getOOBInline());
    accepted.sendUrgentData('u');
    assertEquals('u', socket.getInputStream().read());
  }

  @Test
  void inlineIsSetAndRead() throws Exception {
    Socket socket = connectedEnds().near();
    assertFalse(socket.getOOBInline());
    socket.setOOBInline(true);
    assertTrue(socket.getOOBInline());
    socket.setOOBInline(false);
    assertFalse(socket.getOOBInline());
    socket.close();
    assertSocketException("Socket is closed", () -> socket.setOOBInline(true));
    assertSocketException("Socket is closed", socket::getOOBInline);
  }

  @Test
  void urgentDataOfSocketsThatCannotSendIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket unconnected = sockets.newSocket();
          Socket closed = sockets.connect().near();
          closed.close();
          Socket shut = sockets.connect().near();
          shut.shutdownOutput();
          return Outcome.ofAction(() -> unconnected.sendUrgentData(1))
              + Outcome.ofAction(() -> closed.sendUrgentData(1))
              + Outcome.ofAction(() -> shut.sendUrgentData(1));
        });
  }

  /**
   * Programs send urgent bytes that nobody reads, to find out whether their peer is still there.
   */
  @Test
  void urgentDataHearsThatThePeerHasClosed() throws Exception {
    Ends ends = connectedEnds();
    ends.far().close();
    assertEquals(-1, ends.near().getInputStream().read());
    ends.near().sendUrgentData(1);
    IOException e =
        assertThrows(
            IOException.class,
            () -> awaitTrue("the peer's answer", () -> failsToSend(ends.near())));
    assertEquals("Broken pipe", e.getMessage());
  }

  private static boolean failsToSend(Socket socket) throws IOException {
    socket.sendUrgentData(1);
    return false;
  }

  @Test
  void urgentDataHearsOfAReset() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setSoLinger(true, 0);
    ends.far().close();
    IOException e =
        assertThrows(
            IOException.class, () -> awaitTrue("the reset", () -> failsToSend(ends.near())));
    assertEquals("Connection reset by peer", e.getMessage());
  }

  /** The JDK's descriptor does not block any more, and an urgent byte is one try. */
  @Test
  @Here(Here.End.SOCKET)
  void urgentDataOfASocketWithATimeoutDoesNotWaitForRoom() throws Exception {
    Ends ends = connectedEnds();
    ends.far().setOOBInline(true);
    Socket near = ends.near();
    near.setSoTimeout(1);
    assertThrows(SocketTimeoutException.class, near.getInputStream()::read);
    assertSocketException("No buffer space available", () -> fillWithUrgentData(near));
    near.setSoTimeout(0);
    assertSocketException("No buffer space available", () -> near.sendUrgentData(1));
  }

  private static void fillWithUrgentData(Socket socket) throws IOException {
    while (true) {
      socket.sendUrgentData(1);
    }
  }

  @Test
  void availableDoesNotCountAByteThatPassesBy() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          InputStream in = ends.far().getInputStream();
          send(ends.near(), "ab");
          awaitTrue("arrived", () -> in.available() == 2);
          return "" + (char) in.read() + (char) in.read() + in.available();
        });
  }

  @Test
  void urgentDataAmongMegabytesLosesNothing() throws Exception {
    Ends ends = connectedEnds();
    byte[] data = Payload.random(3, 1_000_000);
    for (int i = 0; i < 10; i++) {
      int from = i * 100_000;
      Background<Void> sender =
          spawn(
              () -> {
                ends.near().getOutputStream().write(data, from, 50_000);
                ends.near().sendUrgentData('!');
                ends.near().getOutputStream().write(data, from + 50_000, 50_000);
                return null;
              });
      // One at a time: Linux leaves an urgent byte in the stream that the next one overtakes.
      byte[] received = ends.far().getInputStream().readNBytes(100_000);
      assertArrayEquals(Arrays.copyOfRange(data, from, from + 100_000), received);
      sender.join();
    }
    ends.near().close();
    assertAtEnd(ends.far());
  }
}
