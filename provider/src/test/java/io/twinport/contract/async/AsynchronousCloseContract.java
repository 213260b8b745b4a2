package io.twinport.contract.async;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** How reads and writes of asynchronous channels end early: end of stream, close, cancel. */
public abstract class AsynchronousCloseContract extends AsynchronousContract {
  protected AsynchronousCloseContract(Transport transport) {
    super(transport);
  }

  // -- The end of the stream

  @Test
  void endOfStreamStays() throws Exception {
    Ends ends = ends();
    writeFully(ends.far(), "last");
    ends.far().close();
    assertReads("last", ends.near());
    assertEndOfStream(ends.near());
    assertEndOfStream(ends.near());
  }

  @Test
  void waitingReadGetsTheEndOfTheStream() throws Exception {
    Ends ends = ends();
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    ends.far().close();
    assertEquals(-1, get(reading));
  }

  @Test
  void shutdownOutputEndsOneDirection() throws Exception {
    Ends ends = ends();
    ends.near().shutdownOutput();
    ends.near().shutdownOutput();
    assertEndOfStream(ends.far());
    writeFully(ends.far(), "the other way");
    assertReads("the other way", ends.near());
    failure(ClosedChannelException.class, ends.near().write(bytes("x")));
    IOException thrown =
        assertThrows(
            IOException.class,
            () -> ends.near().setOption(StandardSocketOptions.TCP_NODELAY, true));
    assertEquals("Connection has been shutdown for writing", thrown.getMessage());
  }

  @Test
  void shutdownInputEndsAReadThatWaits() throws Exception {
    Ends ends = ends();
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    ends.near().shutdownInput();
    assertEquals(-1, get(reading));
    assertEndOfStream(ends.near());
    writeFully(ends.near(), "still writes");
    assertReads("still writes", ends.far());
  }

  @Test
  void everyReadBehindShutdownInputFindsTheEndOfTheStream() throws Exception {
    Ends ends = ends();
    ends.near().shutdownInput();
    ByteBuffer full = ByteBuffer.allocate(0);
    assertEquals(-1, get(ends.near().read(full)));
    Completion<Integer> reading = new Completion<>();
    ends.near().read(full, null, reading);
    assertEquals(-1, reading.get());
    Completion<Long> scattering = new Completion<>();
    ends.near().read(new ByteBuffer[] {full}, 0, 1, 0, TimeUnit.SECONDS, null, scattering);
    assertEquals(-1L, scattering.get());
  }

  @Test
  void everyWriteBehindShutdownOutputFails() throws Exception {
    Ends ends = ends();
    ends.near().shutdownOutput();
    ByteBuffer empty = ByteBuffer.allocate(0);
    assertClosedBefore(failure(IOException.class, ends.near().write(empty)));
    Completion<Integer> writing = new Completion<>();
    ends.near().write(bytes("x"), null, writing);
    assertClosedBefore(writing.failure(IOException.class));
    Completion<Long> gathering = new Completion<>();
    ends.near().write(new ByteBuffer[] {empty}, 0, 1, 0, TimeUnit.SECONDS, null, gathering);
    assertClosedBefore(gathering.failure(IOException.class));
  }

  @Test
  void shutdownOutputEndsAWriteThatWaits() throws Exception {
    Ends ends = ends();
    Future<Integer> writing = fill(ends.near());
    ends.near().shutdownOutput();
    assertEquals("Broken pipe", failure(IOException.class, writing).getMessage());
  }

  @Test
  void unreadBytesAtCloseResetThePeer() throws Exception {
    Ends ends = ends();
    writeFully(ends.near(), "unread");
    assertEquals(1, get(ends.far().read(ByteBuffer.allocate(1))));
    ends.far().close();
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    assertEquals("Connection reset", failure(IOException.class, reading).getMessage());
    assertEndOfStream(ends.near());
  }

  @Test
  void writesToAPeerThatIsGoneFail() throws Exception {
    Ends ends = ends();
    ends.far().close();
    IOException failed = null;
    for (int i = 0; failed == null && i < 1000; i++) {
      try {
        get(ends.near().write(bytes("x")));
        TimeUnit.MILLISECONDS.sleep(1);
      } catch (ExecutionException e) {
        failed = (IOException) e.getCause();
      }
    }
    String message = String.valueOf(failed == null ? null : failed.getMessage());
    assertTrue(
        message.equals("Broken pipe") || message.equals("Connection reset by peer"), message);
  }

  @Test
  void gatheringWriteToAPeerThatHasClosedIsTakenWhole() throws Exception {
    Ends ends = ends();
    ends.far().close();
    assertEndOfStream(ends.near());
    Completion<Long> writing = new Completion<>();
    ByteBuffer[] several = {bytes("one"), bytes("two")};
    ends.near().write(several, 0, 2, 0, TimeUnit.SECONDS, null, writing);
    assertEquals(6L, writing.get());
  }

  @Test
  void scatterWithoutRoomMovesNothingAtTheEndOfTheStream() throws Exception {
    Ends ends = ends();
    ends.far().close();
    assertEndOfStream(ends.near());
    Completion<Long> reading = new Completion<>();
    ByteBuffer[] full = {ByteBuffer.allocate(0), ByteBuffer.allocate(0)};
    ends.near().read(full, 0, 2, 0, TimeUnit.SECONDS, null, reading);
    assertEquals(0L, reading.get());
  }

  // -- Close and cancel

  @Test
  void closeEndsAWaitingRead() throws Exception {
    Ends ends = ends();
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    ends.near().close();
    failure(AsynchronousCloseException.class, reading);
    assertEndOfStream(ends.far());
  }

  @Test
  void closeEndsAWaitingHandler() throws Exception {
    Ends ends = ends(fixedGroup(1));
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(1), null, reading);
    ends.near().close();
    reading.failure(AsynchronousCloseException.class);
    assertTrue(isGroupThread(reading.thread()));
  }

  @Test
  void closeEndsAWaitingWrite() throws Exception {
    Ends ends = ends();
    Future<Integer> writing = fill(ends.near());
    ends.near().close();
    failure(AsynchronousCloseException.class, writing);
  }

  @Test
  void cancelledReadIsTheLastOne() throws Exception {
    Ends ends = ends();
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    assertTrue(reading.cancel(false));
    assertFalse(reading.cancel(false));
    assertTrue(reading.isCancelled());
    assertTrue(reading.isDone());
    assertThrows(CancellationException.class, reading::get);
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> ends.near().read(ByteBuffer.allocate(1)));
    assertEquals("Reading not allowed due to timeout or cancellation", thrown.getMessage());
    writeFully(ends.near(), "still writes");
    assertReads("still writes", ends.far());
  }

  @Test
  void cancelledWriteIsTheLastOne() throws Exception {
    Ends ends = ends();
    Future<Integer> writing = fill(ends.near());
    assertTrue(writing.cancel(false));
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> ends.near().write(bytes("x")));
    assertEquals("Writing not allowed due to timeout or cancellation", thrown.getMessage());
    writeFully(ends.far(), "still reads");
    assertReads("still reads", ends.near());
  }

  @Test
  void cancelledFutureSaysSoHoweverItIsAsked() throws Exception {
    Ends ends = ends();
    for (boolean force : new boolean[] {false, true}) {
      Future<Integer> future = force ? fill(ends.near()) : ends.near().read(ByteBuffer.allocate(1));
      assertFalse(future.isDone());
      assertFalse(future.isCancelled());
      assertTrue(future.cancel(force));
      assertTrue(future.isDone());
      assertTrue(future.isCancelled());
      assertFalse(future.cancel(true));
      assertThrows(CancellationException.class, future::get);
      assertThrows(CancellationException.class, () -> future.get(1, TimeUnit.SECONDS));
      assertEquals(force, !ends.near().isOpen());
    }
  }

  @Test
  void readIsNotDisturbedByWhoGivesUpWaiting() throws Exception {
    Ends ends = ends();
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    assertThrows(TimeoutException.class, () -> reading.get(20, TimeUnit.MILLISECONDS));
    Background<Integer> waiting = spawn(reading::get);
    waiting.awaitBlocked();
    waiting.interrupt();
    waiting.joinFailure(InterruptedException.class);
    assertFalse(reading.isDone());
    assertTrue(ends.near().isOpen());
    writeFully(ends.far(), "x");
    assertEquals(1, get(reading));
  }

  @Test
  void operationsOutliveTheThreadThatHasBegunThem() throws Exception {
    Ends ends = ends();
    ByteBuffer target = ByteBuffer.allocate(8);
    Future<Integer> reading = begunByAThreadThatEnds(() -> ends.near().read(target));
    Future<Integer> writing = begunByAThreadThatEnds(() -> fill(ends.near()));
    assertFalse(reading.isDone());
    writeFully(ends.far(), "hello");
    assertTrue(get(reading) > 0);
    assertEquals('h', target.get(0));
    readUntilEnded(ends.far(), writing);
    assertTrue(get(writing) > 0);
  }

  @Test
  void readCancelledByForceClosesTheChannel() throws Exception {
    Ends ends = ends();
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    assertTrue(reading.cancel(true));
    assertThrows(CancellationException.class, reading::get);
    assertFalse(ends.near().isOpen());
    assertEndOfStream(ends.far());
  }

  @Test
  void completedFutureCanNotBeCancelled() throws Exception {
    Ends ends = ends();
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    writeFully(ends.far(), "x");
    assertEquals(1, get(reading));
    assertFalse(reading.cancel(true));
    assertFalse(reading.isCancelled());
    assertTrue(ends.near().isOpen());
  }
}
