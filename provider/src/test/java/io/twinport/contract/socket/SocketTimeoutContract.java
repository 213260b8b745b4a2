package io.twinport.contract.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code SO_TIMEOUT} of a {@link Socket}: read(2) that ends by itself, and nothing else. */
public abstract class SocketTimeoutContract extends SocketContract {
  protected SocketTimeoutContract(Transport transport) {
    super(transport);
  }

  /** The time that {@code call} takes to throw a timeout, in milliseconds, rounded. */
  private static long millisToTimeOut(Callable<?> call) {
    long start = System.nanoTime();
    SocketTimeoutException e = assertThrows(SocketTimeoutException.class, call::call);
    assertEquals("Read timed out", e.getMessage());
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start + 500_000);
  }

  /** Long enough for a call to end that had any of the tests' short timeouts. */
  private static void outlastTimeouts() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(200);
  }

  @Test
  void readTimesOut() throws Exception {
    Socket socket = connectedEnds().near();
    socket.setSoTimeout(80);
    long millis = millisToTimeOut(() -> socket.getInputStream().read());
    assertTrue(millis >= 75, "timed out after " + millis + " ms");
    assertFalse(socket.isClosed());
    assertTrue(socket.isConnected());
  }

  @Test
  void shortestTimeoutTimesOut() throws Exception {
    Socket socket = connectedEnds().near();
    socket.setSoTimeout(1);
    for (int i = 0; i < 20; i++) {
      assertTrue(millisToTimeOut(() -> socket.getInputStream().read(new byte[10])) >= 1);
    }
  }

  @Test
  void socketStaysUsableAfterATimeout() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(20);
    for (int i = 0; i < 5; i++) {
      millisToTimeOut(() -> ends.near().getInputStream().read());
      send(ends.far(), "late");
      ends.near().setSoTimeout(15_000);
      assertReceives("late", ends.near());
      send(ends.near(), "reply");
      assertReceives("reply", ends.far());
      ends.near().setSoTimeout(20);
    }
  }

  @Test
  void timedReadReturnsWhatIsThere() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(15_000);
    send(ends.far(), "here");
    assertReceives("here", ends.near());
  }

  @Test
  void timedReadReturnsAsSoonAsDataArrives() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(19_000);
    Background<Integer> reading = blockedRead(ends.near());
    send(ends.far(), "x");
    assertEquals('x', reading.join());
  }

  @Test
  void timedReadReturnsTheEnd() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(19_000);
    Background<Integer> reading = blockedRead(ends.near());
    ends.far().close();
    assertEquals(-1, reading.join());
    assertAtEnd(ends.near());
  }

  @Test
  void closeEndsATimedRead() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(19_000);
    Background<Integer> reading = blockedRead(ends.near());
    ends.near().close();
    assertSocketClosed(reading);
  }

  @Test
  void shutdownEndsATimedRead() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(19_000);
    Background<Integer> reading = blockedRead(ends.near());
    ends.near().shutdownInput();
    assertEquals(-1, reading.join());
  }

  @Test
  void timeoutSetDuringAReadIsForTheNext() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.near());
    ends.near().setSoTimeout(30);
    outlastTimeouts();
    assertFalse(reading.isDone(), "it began without a timeout");
    send(ends.far(), "x");
    assertEquals('x', reading.join());
    millisToTimeOut(() -> ends.near().getInputStream().read());
  }

  @Test
  void timeoutTakenBackMeansForEver() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(10);
    millisToTimeOut(() -> ends.near().getInputStream().read());
    ends.near().setSoTimeout(0);
    Background<Integer> reading = blockedRead(ends.near());
    outlastTimeouts();
    assertFalse(reading.isDone());
    send(ends.far(), "x");
    assertEquals('x', reading.join());
  }

  @Test
  void timeoutDoesNotConcernWrites() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(30);
    Background<Void> writing = blockedWrite(ends.near());
    outlastTimeouts();
    assertFalse(writing.isDone());
    ends.far().getInputStream().readNBytes(32 << 20);
    writing.join();
  }

  @Test
  void writesOfASocketThatHasTimedOutBlockAndEndAsOthers() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(10);
    millisToTimeOut(() -> ends.near().getInputStream().read());
    Background<Void> writing = blockedWrite(ends.near());
    ends.far().getInputStream().readNBytes(32 << 20);
    writing.join();
    Background<Void> closed = blockedWrite(ends.near());
    ends.near().close();
    assertSocketClosed(closed);
    assertAsTheJdks(
        sockets -> {
          Ends shut = sockets.connect();
          shut.near().setSoTimeout(10);
          millisToTimeOut(() -> shut.near().getInputStream().read());
          byte[] more = new byte[32 << 20];
          Background<String> shutting =
              blocked(() -> Outcome.ofAction(() -> shut.near().getOutputStream().write(more)));
          shut.near().shutdownOutput();
          return shutting.join();
        });
  }

  @Test
  void writesPassATimedReaderBy() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(19_000);
    Background<Integer> reading = blockedRead(ends.near());
    send(ends.near(), "meanwhile");
    assertReceives("meanwhile", ends.far());
    send(ends.far(), "x");
    assertEquals('x', reading.join());
  }

  @Test
  void interruptDoesNotShortenATimedRead() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(150);
    Background<Long> reading =
        spawn(() -> millisToTimeOut(() -> ends.near().getInputStream().read()));
    reading.interrupt();
    assertTrue(reading.join() >= 150);
    assertTrue(reading.interruptedAtEnd());
  }

  @Test
  void severalTimedReadersAllTimeOut() throws Exception {
    Socket socket = connectedEnds().near();
    socket.setSoTimeout(40);
    Background<?>[] readers = new Background<?>[3];
    for (int i = 0; i < readers.length; i++) {
      readers[i] = spawn(() -> socket.getInputStream().read());
    }
    for (Background<?> reader : readers) {
      reader.joinFailure(SocketTimeoutException.class);
    }
  }

  @Test
  void timeoutSetBeforeConnectIsKept() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    socket.setSoTimeout(25);
    socket.connect(server.getLocalSocketAddress());
    assertEquals(25, socket.getSoTimeout());
    millisToTimeOut(() -> socket.getInputStream().read());
  }

  @Test
  void acceptedSocketHasNoTimeoutOfItsServer() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(15_000);
    connectedTo(server);
    assertEquals(0, acceptFrom(server).getSoTimeout());
  }

  @Test
  void timeoutIsSetAndRead() throws Exception {
    Socket socket = newSocket();
    assertEquals(0, socket.getSoTimeout());
    socket.setSoTimeout(1234);
    assertEquals(1234, socket.getSoTimeout());
    socket.setSoTimeout(Integer.MAX_VALUE);
    assertEquals(Integer.MAX_VALUE, socket.getSoTimeout());
    assertThrows(IllegalArgumentException.class, () -> socket.setSoTimeout(-1));
    assertEquals(Integer.MAX_VALUE, socket.getSoTimeout());
    socket.close();
    assertSocketException("Socket is closed", () -> socket.setSoTimeout(1));
    assertSocketException("Socket is closed", socket::getSoTimeout);
  }

  @Test
  void longestTimeoutWaits() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(Integer.MAX_VALUE);
    Background<Integer> reading = blockedRead(ends.near());
    send(ends.far(), "x");
    assertEquals('x', reading.join());
  }

  @Test
  void timeoutsInARowLoseNoByte() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSoTimeout(1);
    byte[] data = Payload.random(1, 50_000);
    Background<Void> sender =
        spawn(
            () -> {
              for (int i = 0; i < data.length; i += 100) {
                ends.far().getOutputStream().write(data, i, 100);
                if (i % 5000 == 0) {
                  TimeUnit.MILLISECONDS.sleep(3);
                }
              }
              return null;
            });
    InputStream in = ends.near().getInputStream();
    byte[] received = new byte[data.length];
    int position = 0;
    while (position < data.length) {
      try {
        position += in.read(received, position, data.length - position);
      } catch (SocketTimeoutException e) {
        assertEquals("Read timed out", e.getMessage());
      }
    }
    assertEquals(Payload.hash(data), Payload.hash(received));
    sender.join();
  }

  @Test
  void timeoutAtTheEndOfAResetIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.near().setSoTimeout(19_000);
          Background<String> reading =
              blocked(() -> Outcome.of(() -> ends.near().getInputStream().read()));
          ends.far().setSoLinger(true, 0);
          ends.far().close();
          return reading.join();
        });
  }

  @Test
  void connectTimeoutIsNotTheReadTimeout() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    socket.connect(new InetSocketAddress(Addresses.LOOPBACK4, server.getLocalPort()), 500);
    socket.setSoTimeout(60);
    long millis = millisToTimeOut(() -> socket.getInputStream().read());
    assertTrue(millis >= 60 && millis < 15_000, millis + " ms");
  }
}
