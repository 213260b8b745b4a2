package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.host.BacklogFull;
import io.twinport.posix.Memory;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.ucx.connection.Handshake;
import io.twinport.ucx.connection.RefusedHosts;
import io.twinport.ucx.connection.UcxListener;
import io.twinport.ucx.pipe.Chunk;
import io.twinport.ucx.pipe.PipeReader;
import io.twinport.ucx.stream.Frames;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server's side of the handshake, against clients that say what they like. */
@Timeout(60)
final class UcxListenerTest {
  private final MemoryDriver near = MemoryDriver.calm();
  private final MemoryDriver far = MemoryDriver.calm();
  private final RefusedHosts refused = new RefusedHosts();
  private final UcxListener listener =
      new UcxListener(far, Pair.address(80), 1, BacklogFull.REFUSE, destination -> null, refused);
  private boolean shut;

  /** Hears the verdict. */
  private final class Client implements PipeReader {
    final MemoryPipe pipe = MemoryPipe.between(near, far);
    int verdict;
    int frame;
    boolean ended;

    Client() {
      near.run(() -> pipe.reader(this));
      far.run(() -> listener.greet(pipe.peer(), Pair.address(80), Pair.address(4711)));
    }

    Client say(Consumer<Chunk> message) {
      near.run(
          () -> {
            Chunk chunk = near.chunks().take();
            message.accept(chunk);
            pipe.send(chunk);
          });
      near.settle(far);
      return this;
    }

    void abort() {
      near.run(pipe::abort);
      near.settle(far);
    }

    @Override
    public void received(long address, int length) {
      if (verdict == 0) {
        assertEquals(Handshake.VERDICT_BYTES, length);
        verdict = Handshake.verdict(address);
      } else {
        assertEquals(Frames.HEADER_BYTES, length);
        frame = Frames.type(Memory.getInt(address));
      }
    }

    @Override
    public void sent() {}

    @Override
    public void ended(IOException why) {
      ended = true;
    }
  }

  @AfterEach
  void nothingIsLeft() throws InterruptedException {
    listener.close();
    near.settle(far);
    assertEquals(0, near.chunks().inUse());
    assertEquals(0, far.chunks().inUse());
    // what looks after the memory of bytes that have arrived ends by itself, a second later
    for (int i = 0; i < 300 && far.planned() > 0; i++) {
      Thread.sleep(10);
    }
    assertEquals(0, far.planned());
    near.close();
    far.close();
  }

  @Test
  void aPlaceIsTakenFromTheVerdictOnAndGivenAgainIfTheClientGoes() throws Exception {
    Client first = new Client().say(Handshake::putHello);
    assertEquals(Handshake.OK, first.verdict);
    Client second = new Client().say(Handshake::putHello);
    assertEquals(Handshake.REFUSED, second.verdict);
    second.abort();
    assertNull(listener.accept());
    first.abort();
    Client third = new Client().say(Handshake::putHello);
    assertEquals(Handshake.OK, third.verdict);
    third.say(Handshake::putConfirm);
    assertEquals(NetworkEvent.ACCEPT, listener.readyEvents(NetworkEvent.ACCEPT));
    assertEquals(NetworkEvent.ACCEPT, listener.event().enumerate());
    Client fourth = new Client().say(Handshake::putHello);
    assertEquals(Handshake.REFUSED, fourth.verdict);
    fourth.abort();
    SanConnection accepted = listener.accept();
    assertEquals(Pair.address(4711), accepted.remoteAddress());
    accepted.abort();
    third.abort();
  }

  @Test
  void whatFollowsTheConfirmationIsTheConnections() throws Exception {
    Client client = new Client().say(Handshake::putHello);
    client.say(
        chunk -> {
          Handshake.putConfirm(chunk);
          Memory.putInt(chunk.address() + chunk.limit, Frames.word(Frames.DATA, 1));
          Memory.putByte(chunk.address() + chunk.limit + Frames.HEADER_BYTES, (byte) 42);
          chunk.limit += Frames.HEADER_BYTES + 1;
        });
    SanConnection accepted = listener.accept();
    ByteBuffer one = ByteBuffer.allocate(2);
    assertEquals(1, accepted.read(one));
    assertEquals(42, one.get(0));
    accepted.abort();
    client.abort();
  }

  @Test
  void aClientOfAnotherVersionIsSentToTcpAndItsHostIsKnownForAWhile() throws Exception {
    Client client =
        new Client()
            .say(
                chunk -> {
                  Handshake.putHello(chunk);
                  Memory.putInt(chunk.address() + 8, Handshake.VERSION + 1);
                });
    assertEquals(Handshake.TCP, client.verdict);
    client.abort();
    assertNull(listener.accept());
    InetAddress host = Pair.address(4711).getAddress();
    long now = System.nanoTime();
    assertEquals(Map.of(host, Reason.WIRE_VERSION), refused.all(now));
    assertEquals(Map.of(), refused.all(now + TimeUnit.HOURS.toNanos(2)));
  }

  @Test
  void bothEndsSayWhichProcessTheyAre() throws Exception {
    Client client = new Client().say(Handshake::putHello).say(Handshake::putConfirm);
    SanConnection accepted = listener.accept();
    assertEquals((int) ProcessHandle.current().pid(), accepted.numbers().peerPid());
    accepted.abort();
    client.abort();
  }

  @Test
  void whoeverIsNoTwinIsHungUpOn() {
    Client client =
        new Client()
            .say(
                chunk -> {
                  Memory.fill(chunk.address(), Handshake.HELLO_BYTES, (byte) 'x');
                  chunk.limit = Handshake.HELLO_BYTES;
                });
    assertTrue(client.ended);
    assertEquals(0, client.verdict);
  }

  @Test
  void aListenerThatRefusesSendsToTcpAndTakesNoPlace() throws Exception {
    listener.refuse(Reason.SWITCHED_OFF);
    Client client = new Client().say(Handshake::putHello);
    assertEquals(Handshake.TCP, client.verdict);
    client.abort();
    listener.refuse(null);
    Client other = new Client().say(Handshake::putHello);
    assertEquals(Handshake.OK, other.verdict);
    other.abort();
    assertNull(listener.accept());
  }

  @Test
  void closingShutsTheDoorsAndHangsUpOnAllWhoHaveNotBeenAccepted() throws Exception {
    far.run(() -> listener.add(() -> shut = true));
    Client silent = new Client();
    Client waiting = new Client().say(Handshake::putHello).say(Handshake::putConfirm);
    assertFalse(shut);
    listener.close();
    near.settle(far);
    assertTrue(shut);
    assertTrue(silent.ended);
    assertThrows(ClosedChannelException.class, listener::accept);
    assertEquals(0, listener.readyEvents(NetworkEvent.ACCEPT));
    // its client, which was connected, is told so
    assertEquals(Frames.RESET, waiting.frame);
    near.run(waiting.pipe::close);
  }
}
