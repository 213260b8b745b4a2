package io.twinport.contract.async;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Descriptors;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.InterruptedByTimeoutException;
import java.nio.channels.WritePendingException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Closing, cancelling and time limits beside reads, writes, accepts and connects, in random order:
 * every operation has exactly one outcome, and no descriptor is left.
 */
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
public abstract class AsynchronousRaceContract extends AsynchronousContract {
  private static final int ROUNDS = 1000;
  private static final int KEPT = 30; // Cached bells and the like.

  protected AsynchronousRaceContract(Transport transport) {
    super(transport);
  }

  @Test
  void thousandRoundsOfTransfersThatAreDisturbed() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(2);
    AsynchronousServerSocketChannel listener = openAsynchronousListener(group);
    listener.bind(transport.bindAddress(), 100);
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 20; i++) {
      disturbTransfers(listener, group, random);
    }
    int before = Descriptors.count();
    for (int i = 0; i < ROUNDS; i++) {
      try {
        disturbTransfers(listener, group, random);
      } catch (Exception | AssertionError e) {
        throw new AssertionError("round " + i + " of seed " + seed, e);
      }
    }
    awaitTrue("descriptors are given back", () -> Descriptors.count() <= before + KEPT);
  }

  private void disturbTransfers(
      AsynchronousServerSocketChannel listener,
      AsynchronousChannelGroup group,
      SplittableRandom random)
      throws Exception {
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    AsynchronousSocketChannel near = asynchronous().openAsynchronousSocketChannel(group);
    get(near.connect(listener.getLocalAddress()));
    AsynchronousSocketChannel far = get(accepting);
    try {
      List<Completion<Integer>> handlers = new ArrayList<>();
      Completion<Integer> reading = new Completion<>();
      long limit = random.nextBoolean() ? 0 : 1 + random.nextInt(2);
      near.read(ByteBuffer.allocate(8), limit, TimeUnit.MILLISECONDS, null, reading);
      handlers.add(reading);
      Future<Integer> farReading = far.read(ByteBuffer.allocate(8));
      int first = random.nextInt(6);
      Background<Void> one = spawn(() -> disturb(near, far, farReading, first));
      int second = random.nextInt(6);
      Background<Void> two = spawn(() -> disturb(far, near, farReading, second));
      if (random.nextBoolean()) {
        Completion<Integer> writing = new Completion<>();
        if (beginsWrite(near, writing)) {
          handlers.add(writing);
        }
      }
      one.join();
      two.join();
      near.close();
      far.close();
      for (Completion<Integer> handler : handlers) {
        handler.outcome(IOException.class);
      }
      end(farReading);
    } finally {
      near.close();
      far.close();
    }
  }

  /** Returns false if a write of one who disturbs is under way. */
  private static boolean beginsWrite(
      AsynchronousSocketChannel channel, Completion<Integer> handler) {
    try {
      channel.write(bytes("a text"), null, handler);
      return true;
    } catch (WritePendingException e) {
      return false;
    }
  }

  /** Does one of several things to a connection, which may be closed by now. */
  private static Void disturb(
      AsynchronousSocketChannel channel,
      AsynchronousSocketChannel other,
      Future<Integer> pending,
      int what)
      throws Exception {
    switch (what) {
      case 0 -> channel.close();
      case 1 -> other.close();
      case 2 -> pending.cancel(false);
      case 3 -> pending.cancel(true);
      case 4 -> {
        try {
          channel.shutdownOutput();
          channel.shutdownInput();
        } catch (ClosedChannelException e) {
          return null; // The other thread was first.
        }
      }
      default -> {
        try {
          Future<Integer> writing = channel.write(bytes("12345678"));
          end(writing);
        } catch (IllegalStateException e) {
          return null; // The test's own write waits, or one was cancelled.
        }
      }
    }
    return null;
  }

  private static void end(Future<?> future) throws Exception {
    try {
      get(future);
    } catch (CancellationException e) {
      assertTrue(future.isCancelled());
    } catch (ExecutionException e) {
      assertTrue(e.getCause() instanceof IOException, () -> "not an IOException: " + e.getCause());
      assertTrue(!(e.getCause() instanceof InterruptedByTimeoutException));
    }
  }

  @Test
  void thousandRoundsOfAcceptsAndConnectsThatAreDisturbed() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(2);
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 20; i++) {
      disturbAccept(group, random);
    }
    int before = Descriptors.count();
    for (int i = 0; i < ROUNDS; i++) {
      try {
        disturbAccept(group, random);
      } catch (Exception | AssertionError e) {
        throw new AssertionError("round " + i + " of seed " + seed, e);
      }
    }
    awaitTrue("descriptors are given back", () -> Descriptors.count() <= before + KEPT);
  }

  private void disturbAccept(AsynchronousChannelGroup group, SplittableRandom random)
      throws Exception {
    AsynchronousServerSocketChannel listener =
        asynchronous().openAsynchronousServerSocketChannel(group).bind(transport.bindAddress());
    AsynchronousSocketChannel channel = asynchronous().openAsynchronousSocketChannel(group);
    try {
      SocketAddress address = listener.getLocalAddress();
      Completion<AsynchronousSocketChannel> handler = new Completion<>();
      Future<AsynchronousSocketChannel> accepting = null;
      if (random.nextBoolean()) {
        listener.accept(null, handler);
      } else {
        accepting = listener.accept();
        handler = null;
      }
      Future<AsynchronousSocketChannel> toCancel = accepting;
      int what = random.nextInt(4);
      Background<Void> disturbing =
          spawn(
              () -> {
                switch (what) {
                  case 0 -> listener.close();
                  case 1 -> channel.close();
                  case 2 -> {
                    if (toCancel != null) {
                      toCancel.cancel(false);
                    }
                  }
                  default -> {
                    if (toCancel != null) {
                      toCancel.cancel(true);
                    }
                  }
                }
                return null;
              });
      Future<Void> connecting = channel.connect(address);
      disturbing.join();
      end(connecting);
      listener.close();
      AsynchronousSocketChannel accepted = null;
      if (handler != null) {
        accepted = handler.outcome(IOException.class);
      } else {
        try {
          accepted = get(toCancel);
        } catch (CancellationException | ExecutionException e) {
          assertTrue(toCancel.isDone());
        }
      }
      if (accepted != null) {
        accepted.close();
      }
    } finally {
      channel.close();
      listener.close();
    }
  }
}
