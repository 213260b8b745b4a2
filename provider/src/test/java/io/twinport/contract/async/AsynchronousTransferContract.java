package io.twinport.contract.async;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channels;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ReadPendingException;
import java.nio.channels.WritePendingException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Reads and writes of asynchronous channels: what they move, and in which states they may begin.
 */
public abstract class AsynchronousTransferContract extends AsynchronousContract {
  protected AsynchronousTransferContract(Transport transport) {
    super(transport);
  }

  // -- Reads and writes that complete

  @Test
  void readOfWhatIsThereCompletesAtOnce() throws Exception {
    Ends ends = ends();
    writeFully(ends.far(), "hello");
    ByteBuffer target = ByteBuffer.allocate(16);
    assertEquals(5, get(ends.near().read(target)));
    assertEquals("hello", new String(target.array(), 0, 5, UTF_8));
    assertEquals(5, target.position());
  }

  @Test
  void waitingReadGetsWhatComes() throws Exception {
    Ends ends = ends();
    ByteBuffer target = ByteBuffer.allocate(16);
    Future<Integer> reading = ends.near().read(target);
    assertFalse(reading.isDone());
    writeFully(ends.far(), "later");
    assertEquals(5, get(reading));
    assertEquals("later", new String(target.array(), 0, 5, UTF_8));
  }

  @Test
  void waitingHandlerRunsOnAThreadOfTheGroup() throws Exception {
    Ends ends = ends(fixedGroup(2));
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(16), "attached", reading);
    writeFully(ends.far(), "x");
    assertEquals(1, reading.get());
    assertEquals("attached", reading.attachment());
    assertTrue(isGroupThread(reading.thread()));
  }

  @Test
  void handlersOfWhatCompletesAtOnceRunOnThreadsOfTheGroup() throws Exception {
    Ends ends = ends(fixedGroup(1));
    Completion<Integer> writing = new Completion<>();
    ends.near().write(bytes("xyz"), null, writing);
    assertEquals(3, writing.get());
    assertTrue(isGroupThread(writing.thread()));
    writeFully(ends.far(), "xyz");
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(3), null, reading);
    assertTrue(reading.get() > 0);
    assertTrue(isGroupThread(reading.thread()));
  }

  @Test
  void onlyWhatFitsIsRead() throws Exception {
    Ends ends = ends();
    writeFully(ends.far(), "123456");
    ByteBuffer target = ByteBuffer.allocate(8);
    target.position(3).limit(5);
    assertEquals(2, get(ends.near().read(target)));
    assertEquals(5, target.position());
    assertEquals('1', target.get(3));
    assertReads("3456", ends.near());
  }

  @Test
  void directBuffers() throws Exception {
    Ends ends = ends();
    ByteBuffer source = ByteBuffer.allocateDirect(8).put(bytes("directly")).flip();
    writeFully(ends.far(), source);
    ByteBuffer target = ByteBuffer.allocateDirect(8);
    assertEquals(8, get(ends.near().read(target)));
    assertEquals(bytes("directly"), target.flip());
  }

  @Test
  void readOnlySourcesAreWritten() throws Exception {
    Ends ends = ends();
    writeFully(ends.far(), bytes("constant").asReadOnlyBuffer());
    assertReads("constant", ends.near());
  }

  @Test
  void scatter() throws Exception {
    Ends ends = ends();
    writeFully(ends.far(), "abcdefgh");
    ByteBuffer[] targets = {
      ByteBuffer.allocate(1), ByteBuffer.allocate(3), ByteBuffer.allocate(0), ByteBuffer.allocate(9)
    };
    Completion<Long> reading = new Completion<>();
    ends.near().read(targets, 1, 3, 0, TimeUnit.SECONDS, null, reading);
    assertEquals(8L, reading.get());
    assertEquals(0, targets[0].position());
    assertEquals(bytes("abc"), targets[1].flip());
    assertEquals(bytes("defgh"), targets[3].flip());
  }

  @Test
  void waitingScatter() throws Exception {
    Ends ends = ends();
    ByteBuffer[] targets = {ByteBuffer.allocate(2), ByteBuffer.allocateDirect(2)};
    Completion<Long> reading = new Completion<>();
    ends.near().read(targets, 0, 2, 10, TimeUnit.SECONDS, null, reading);
    writeFully(ends.far(), "wxyz");
    assertEquals(4L, reading.get());
    assertEquals(bytes("yz"), targets[1].flip());
  }

  @Test
  void gather() throws Exception {
    Ends ends = ends();
    Completion<Long> writing = new Completion<>();
    ByteBuffer[] sources = {bytes("not"), bytes("one"), bytes(""), bytes("two")};
    ends.far().write(sources, 1, 3, 0, TimeUnit.SECONDS, null, writing);
    assertEquals(6L, writing.get());
    assertReads("onetwo", ends.near());
    assertEquals(0, sources[0].position());
  }

  @Test
  void waitingGather() throws Exception {
    Ends ends = ends();
    ByteBuffer[] sources = {
      ByteBuffer.allocate(1 << 20), ByteBuffer.allocateDirect(1 << 20), ByteBuffer.allocate(3)
    };
    Completion<Long> writing;
    do {
      writing = new Completion<>();
      for (ByteBuffer source : sources) {
        source.clear();
      }
      ends.near().write(sources, 0, sources.length, 0, TimeUnit.SECONDS, null, writing);
    } while (isCompletedSoon(writing::isDone));
    readUntilEnded(ends.far(), writing::isDone);
    long left = 0;
    for (ByteBuffer source : sources) {
      left += source.remaining();
    }
    assertTrue(writing.get() > 0);
    assertEquals((2 << 20) + 3 - left, writing.get());
  }

  @Test
  void nothingToMoveIsDoneAtOnce() throws Exception {
    Ends ends = ends();
    ByteBuffer full = ByteBuffer.allocate(0);
    assertEquals(0, get(ends.near().read(full)));
    assertEquals(0, get(ends.near().write(full)));
    Completion<Long> reading = new Completion<>();
    ends.near().read(new ByteBuffer[] {full, full}, 0, 2, 0, TimeUnit.SECONDS, null, reading);
    assertEquals(0L, reading.get());
    Completion<Long> writing = new Completion<>();
    ends.near().write(new ByteBuffer[] {full}, 0, 1, 0, TimeUnit.SECONDS, null, writing);
    assertEquals(0L, writing.get());
  }

  @Test
  void readAndWriteWaitTogether() throws Exception {
    Ends ends = ends();
    Future<Integer> writing = fill(ends.near());
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(4), null, reading);
    assertFalse(writing.isDone());
    writeFully(ends.far(), "read");
    assertTrue(reading.get() > 0);
    readUntilEnded(ends.far(), writing);
    assertTrue(get(writing) > 0);
  }

  @Test
  void handlersThatReadAgainDoNotPileUp() throws Exception {
    Ends ends = ends(fixedGroup(1));
    int count = 20_000;
    CountDownLatch left = new CountDownLatch(count);
    AtomicReference<Throwable> failed = new AtomicReference<>();
    ByteBuffer one = ByteBuffer.allocate(1);
    ends.near()
        .read(
            one,
            null,
            new CompletionHandler<Integer, Object>() {
              @Override
              public void completed(Integer n, Object attachment) {
                left.countDown();
                if (left.getCount() > 0) {
                  ends.near().read(one.clear(), null, this);
                }
              }

              @Override
              public void failed(Throwable cause, Object attachment) {
                failed.set(cause);
              }
            });
    writeFully(ends.far(), ByteBuffer.allocate(count));
    assertTrue(left.await(20, TimeUnit.SECONDS), () -> left.getCount() + " left, " + failed.get());
  }

  @Test
  void manyMegabytesBothWays() throws Exception {
    Ends ends = ends(fixedGroup(2));
    int length = 8 << 20;
    byte[] toFar = Payload.random(1, length);
    byte[] toNear = Payload.random(2, length);
    Background<String> atFar = spawn(() -> Payload.hash(receive(ends.far(), length)));
    Background<String> atNear = spawn(() -> Payload.hash(receive(ends.near(), length)));
    Background<Void> fromFar = spawn(() -> send(ends.far(), toNear));
    send(ends.near(), toFar);
    fromFar.join();
    assertEquals(Payload.hash(toFar), atFar.join());
    assertEquals(Payload.hash(toNear), atNear.join());
  }

  private static Void send(AsynchronousSocketChannel channel, byte[] all) throws Exception {
    writeFully(channel, ByteBuffer.wrap(all));
    return null;
  }

  private static byte[] receive(AsynchronousSocketChannel channel, int length) throws Exception {
    ByteBuffer target = ByteBuffer.allocate(length);
    while (target.hasRemaining()) {
      assertTrue(get(channel.read(target)) > 0);
    }
    return target.array();
  }

  @Test
  void streamsOverAsynchronousChannels() throws Exception {
    Ends ends = ends();
    OutputStream out = Channels.newOutputStream(ends.far());
    InputStream in = Channels.newInputStream(ends.near());
    out.write("stream".getBytes(UTF_8));
    assertEquals("stream", new String(in.readNBytes(6), UTF_8));
    ends.far().close();
    assertEquals(-1, in.read());
  }

  // -- Arguments and states

  @Test
  void argumentsAreChecked() throws Exception {
    AsynchronousSocketChannel near = ends().near();
    ByteBuffer constant = ByteBuffer.allocate(1).asReadOnlyBuffer();
    Completion<Integer> one = new Completion<>();
    Completion<Long> several = new Completion<>();
    assertEquals(
        "Read-only buffer",
        assertThrows(IllegalArgumentException.class, () -> near.read(constant)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> near.read(constant, null, one));
    ByteBuffer[] buffers = {ByteBuffer.allocate(1), constant};
    assertThrows(
        IllegalArgumentException.class,
        () -> near.read(buffers, 0, 2, 0, TimeUnit.SECONDS, null, several));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> near.read(buffers, 1, 2, 0, TimeUnit.SECONDS, null, several));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> near.write(buffers, -1, 2, 0, TimeUnit.SECONDS, null, several));
    assertThrows(NullPointerException.class, () -> near.read((ByteBuffer) null));
    assertThrows(NullPointerException.class, () -> near.write((ByteBuffer) null));
    assertEquals(
        "'handler' is null",
        assertThrows(
                NullPointerException.class, () -> near.read(ByteBuffer.allocate(1), null, null))
            .getMessage());
    assertThrows(NullPointerException.class, () -> near.write(ByteBuffer.allocate(1), null, null));
    assertFalse(one.isDone());
  }

  @Test
  void onlyOneReadAtATime() throws Exception {
    Ends ends = ends();
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    assertThrows(ReadPendingException.class, () -> ends.near().read(ByteBuffer.allocate(1)));
    writeFully(ends.far(), "12");
    assertEquals(1, get(reading));
    assertReads("2", ends.near());
  }

  @Test
  void onlyOneWriteAtATime() throws Exception {
    Ends ends = ends();
    Future<Integer> writing = fill(ends.near());
    assertThrows(WritePendingException.class, () -> ends.near().write(bytes("x")));
    assertFalse(writing.isDone());
  }

  @Test
  void closedChannelFailsTheFutureAndTheHandler() throws Exception {
    AsynchronousSocketChannel near = ends().near();
    near.close();
    assertClosedBefore(failure(IOException.class, near.read(ByteBuffer.allocate(1))));
    assertClosedBefore(failure(IOException.class, near.write(ByteBuffer.allocate(1))));
    Completion<Integer> reading = new Completion<>();
    near.read(ByteBuffer.allocate(1), null, reading);
    assertClosedBefore(reading.failure(IOException.class));
    Completion<Integer> writing = new Completion<>();
    near.write(ByteBuffer.allocate(1), null, writing);
    assertClosedBefore(writing.failure(IOException.class));
  }

  @Test
  void emptyBufferIsAnOperationLikeOthersWhileOneWaits() throws Exception {
    Ends ends = ends();
    ByteBuffer empty = ByteBuffer.allocate(0);
    Future<Integer> reading = ends.near().read(ByteBuffer.allocate(1));
    Future<Integer> writing = fill(ends.near());
    assertThrows(ReadPendingException.class, () -> ends.near().read(empty));
    assertThrows(WritePendingException.class, () -> ends.near().write(empty));
    assertFalse(reading.isDone());
    assertFalse(writing.isDone());
  }

  @Test
  void toStringTellsTheState() throws Exception {
    AsynchronousSocketChannel unconnected = openAsynchronous();
    assertTrue(unconnected.toString().contains("unconnected"), unconnected::toString);
    Ends ends = ends();
    String text = ends.near().toString();
    assertTrue(text.contains("connected local=/127.0.0.1:"), text);
    assertTrue(text.contains("remote=" + ends.near().getRemoteAddress()), text);
    ends.near().shutdownInput().shutdownOutput();
    assertTrue(ends.near().toString().contains(" ishut oshut"), ends.near()::toString);
    ends.near().close();
    assertTrue(ends.near().toString().endsWith("[closed]"), ends.near()::toString);
  }
}
