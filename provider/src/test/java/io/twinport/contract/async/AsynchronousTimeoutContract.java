package io.twinport.contract.async;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.InterruptedByTimeoutException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Reads and writes of asynchronous channels that have a time limit. */
public abstract class AsynchronousTimeoutContract extends AsynchronousContract {
  protected AsynchronousTimeoutContract(Transport transport) {
    super(transport);
  }

  @Test
  void readRunsOutOfTime() throws Exception {
    Ends ends = ends(fixedGroup(1));
    Completion<Integer> reading = new Completion<>();
    long start = System.nanoTime();
    ends.near().read(ByteBuffer.allocate(1), 100, TimeUnit.MILLISECONDS, null, reading);
    reading.failure(InterruptedByTimeoutException.class);
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(100));
    assertTrue(isGroupThread(reading.thread()));
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> ends.near().read(ByteBuffer.allocate(1)));
    assertEquals("Reading not allowed due to timeout or cancellation", thrown.getMessage());
    assertTrue(ends.near().isOpen());
    writeFully(ends.near(), "still writes");
    assertReads("still writes", ends.far());
  }

  @Test
  void writeRunsOutOfTime() throws Exception {
    Ends ends = ends();
    Completion<Integer> writing = new Completion<>();
    do {
      writing = new Completion<>();
      ends.near().write(ByteBuffer.allocate(1 << 20), 300, TimeUnit.MILLISECONDS, null, writing);
    } while (isCompleted(writing));
    writing.failure(InterruptedByTimeoutException.class);
    assertThrows(IllegalStateException.class, () -> ends.near().write(bytes("x")));
  }

  @Test
  void limitsThatAreNotPositiveAreNone() throws Exception {
    for (long limit : new long[] {Long.MIN_VALUE, Integer.MIN_VALUE, -1, 0}) {
      Ends ends = ends();
      Completion<Integer> reading = new Completion<>();
      ends.near().read(ByteBuffer.allocate(1), limit, TimeUnit.SECONDS, null, reading);
      Completion<Long> writing;
      ByteBuffer[] sources = {ByteBuffer.allocateDirect(1 << 20)};
      do {
        writing = new Completion<>();
        sources[0].clear();
        ends.near().write(sources, 0, 1, limit, TimeUnit.SECONDS, null, writing);
      } while (isCompletedSoon(writing::isDone));
      assertFalse(reading.isDone());
      writeFully(ends.far(), "x");
      assertEquals(1, reading.get());
      readUntilEnded(ends.far(), writing::isDone);
      assertTrue(writing.get() > 0);
    }
  }

  @Test
  void limitThatPassesLeavesTheOtherDirectionAlone() throws Exception {
    Ends ends = ends();
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(1), 50, TimeUnit.MILLISECONDS, null, reading);
    Future<Integer> writing = fill(ends.near());
    reading.failure(InterruptedByTimeoutException.class);
    assertFalse(writing.isDone());
    readUntilEnded(ends.far(), writing);
    assertTrue(get(writing) > 0);
    Completion<Integer> late = new Completion<>();
    do {
      late = new Completion<>();
      ends.near().write(ByteBuffer.allocate(1 << 20), 300, TimeUnit.MILLISECONDS, null, late);
    } while (isCompleted(late));
    late.failure(InterruptedByTimeoutException.class);
  }

  @Test
  void nothingBeginsOnceALimitHasPassed() throws Exception {
    Ends ends = ends();
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(1), 20, TimeUnit.MILLISECONDS, null, reading);
    reading.failure(InterruptedByTimeoutException.class);
    ByteBuffer[] targets = {ByteBuffer.allocate(1)};
    Completion<Integer> one = new Completion<>();
    Completion<Long> several = new Completion<>();
    writeFully(ends.far(), "too late");
    assertThrows(IllegalStateException.class, () -> ends.near().read(targets[0], null, one));
    assertThrows(
        IllegalStateException.class,
        () -> ends.near().read(targets, 0, 1, 0, TimeUnit.SECONDS, null, several));
    assertThrows(IllegalStateException.class, () -> ends.near().read(ByteBuffer.allocate(0)));
    ends.near().shutdownInput();
    assertThrows(IllegalStateException.class, () -> ends.near().read(targets[0]));
    ends.near().close();
    assertClosedBefore(failure(IOException.class, ends.near().read(targets[0])));
    assertFalse(one.isDone());
    assertFalse(several.isDone());
  }

  private static boolean isCompleted(Completion<Integer> writing) throws Exception {
    awaitTrue("the write ends", writing::isDone);
    return writing.hasSucceeded();
  }

  @Test
  void scatterRunsOutOfTime() throws Exception {
    Ends ends = ends();
    Completion<Long> reading = new Completion<>();
    ByteBuffer[] targets = {ByteBuffer.allocate(1)};
    ends.near().read(targets, 0, 1, 50, TimeUnit.MILLISECONDS, null, reading);
    reading.failure(InterruptedByTimeoutException.class);
  }

  @Test
  void readInTimeIsNotDisturbedLater() throws Exception {
    Ends ends = ends();
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(1), 1000, TimeUnit.MILLISECONDS, null, reading);
    writeFully(ends.far(), "x");
    assertEquals(1, reading.get());
    Future<Integer> next = ends.near().read(ByteBuffer.allocate(1));
    TimeUnit.MILLISECONDS.sleep(1200); // Past the first read's limit.
    assertFalse(next.isDone());
    writeFully(ends.far(), "y");
    assertEquals(1, get(next));
  }
}
