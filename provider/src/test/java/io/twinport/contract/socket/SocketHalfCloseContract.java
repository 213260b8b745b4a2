package io.twinport.contract.socket;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** {@link Socket#shutdownInput} and {@link Socket#shutdownOutput}: one way ends, one goes on. */
public abstract class SocketHalfCloseContract extends SocketContract {
  protected SocketHalfCloseContract(Transport transport) {
    super(transport);
  }

  @Test
  void peerReadsTheEndAndStillAnswers() throws Exception {
    Ends ends = connectedEnds();
    send(ends.near(), "question");
    ends.near().shutdownOutput();
    assertArrayEquals(utf8("question"), ends.far().getInputStream().readAllBytes());
    send(ends.far(), "answer");
    ends.far().shutdownOutput();
    assertArrayEquals(utf8("answer"), ends.near().getInputStream().readAllBytes());
    assertFalse(ends.near().isClosed());
  }

  @Test
  void shutdownEndsABlockedReadOfThePeer() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.far());
    ends.near().shutdownOutput();
    assertEquals(-1, reading.join());
  }

  @Test
  void manyMegabytesFlowAfterAShutdown() throws Exception {
    Ends ends = connectedEnds();
    ends.near().shutdownOutput();
    assertAtEnd(ends.far());
    byte[] data = Payload.random(2, 10_000_000);
    Background<Void> sender =
        spawn(
            () -> {
              ends.far().getOutputStream().write(data);
              ends.far().close();
              return null;
            });
    assertEquals(Payload.hash(data), Payload.hash(ends.near().getInputStream().readAllBytes()));
    sender.join();
  }

  @Test
  void writeAfterShutdownIsABrokenPipe() throws Exception {
    Ends ends = connectedEnds();
    OutputStream out = ends.near().getOutputStream();
    ends.near().shutdownOutput();
    assertSocketException("Broken pipe", () -> out.write(1));
    assertSocketException("Broken pipe", () -> out.write(new byte[100]));
    out.write(new byte[0]);
    assertSocketException("Socket output is shutdown", ends.near()::getOutputStream);
    assertAtEnd(ends.far());
  }

  @Test
  void readAfterShutdownIsTheEnd() throws Exception {
    Ends ends = connectedEnds();
    InputStream in = ends.near().getInputStream();
    ends.near().shutdownInput();
    assertEquals(-1, in.read());
    assertEquals(-1, in.read(new byte[10]));
    assertEquals(0, in.available());
    assertSocketException("Socket input is shutdown", ends.near()::getInputStream);
  }

  @Test
  void bytesUnreadAtShutdownAreAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          send(ends.far(), "unread");
          InputStream in = ends.near().getInputStream();
          awaitTrue("arrived", () -> in.available() == 6);
          ends.near().shutdownInput();
          return Outcome.of(in::available) + Outcome.of(in::read);
        });
  }

  @Test
  void shutdownInputEndsABlockedRead() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.near());
    ends.near().shutdownInput();
    assertEquals(-1, reading.join());
    send(ends.near(), "out still works");
    assertReceives("out still works", ends.far());
  }

  @Test
  void shutdownOutputEndsABlockedWrite() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          byte[] more = new byte[32 << 20];
          Background<String> writing =
              blocked(() -> Outcome.ofAction(() -> ends.near().getOutputStream().write(more)));
          ends.near().shutdownOutput();
          return writing.join();
        });
  }

  @Test
  void shutdownOutputLeavesABlockedReadAlone() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.near());
    ends.near().shutdownOutput();
    assertAtEnd(ends.far());
    assertFalse(reading.isDone());
    send(ends.far(), "x");
    assertEquals('x', reading.join());
  }

  @Test
  void secondShutdownThrows() throws Exception {
    Ends ends = connectedEnds();
    ends.near().shutdownInput();
    assertSocketException("Socket input is already shutdown", ends.near()::shutdownInput);
    ends.near().shutdownOutput();
    assertSocketException("Socket output is already shutdown", ends.near()::shutdownOutput);
    assertTrue(ends.near().isInputShutdown());
    assertTrue(ends.near().isOutputShutdown());
    assertFalse(ends.near().isClosed());
    assertTrue(ends.near().isConnected());
  }

  @Test
  void shutdownOfAnUnconnectedSocketThrows() throws Exception {
    Socket socket = newSocket();
    assertSocketException("Socket is not connected", socket::shutdownInput);
    assertSocketException("Socket is not connected", socket::shutdownOutput);
    socket.close();
    assertSocketException("Socket is closed", socket::shutdownInput);
    assertSocketException("Socket is closed", socket::shutdownOutput);
  }

  @Test
  void peersWritesAfterShutdownInputAreAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.near().shutdownInput();
          return Outcome.ofAction(() -> send(ends.far(), "ignored"))
              + Outcome.ofAction(() -> send(ends.far(), "ignored too"));
        });
  }

  @Test
  void bothShutDownIsTheEndForThePeerToo() throws Exception {
    Ends ends = connectedEnds();
    ends.near().shutdownOutput();
    ends.far().shutdownOutput();
    assertAtEnd(ends.near());
    assertAtEnd(ends.far());
    ends.near().close();
    ends.far().close();
  }

  @Test
  void shutdownThenCloseIsGraceful() throws Exception {
    Ends ends = connectedEnds();
    send(ends.near(), "whole");
    ends.near().shutdownOutput();
    ends.near().close();
    assertArrayEquals(utf8("whole"), ends.far().getInputStream().readAllBytes());
  }

  @Test
  void shutdownAfterThePeersCloseIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.far().close();
          assertAtEnd(ends.near());
          return Outcome.ofAction(ends.near()::shutdownInput)
              + Outcome.ofAction(ends.near()::shutdownOutput);
        });
  }

  @Test
  void shutdownAfterAResetIsAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.far().setSoLinger(true, 0);
          ends.far().close();
          return Outcome.of(() -> ends.near().getInputStream().read())
              + Outcome.ofAction(ends.near()::shutdownInput)
              + Outcome.ofAction(ends.near()::shutdownOutput);
        });
  }
}
