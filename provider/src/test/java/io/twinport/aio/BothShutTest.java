package io.twinport.aio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.support.SwitchFixture;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A read that waits, while its own end shuts both directions before anybody looks. */
@Timeout(60)
final class BothShutTest extends SwitchFixture {
  @Test
  void aReadThatWaitsHearsOfTheEnd() throws Exception {
    ServerSocketChannel listener = listen();
    AsynchronousChannelGroup group =
        TwinAsynchronousChannelProvider.of(provider.owner())
            .openAsynchronousChannelGroup(1, Thread::new);
    AsynchronousSocketChannel channel =
        TwinAsynchronousChannelProvider.of(provider.owner()).openAsynchronousSocketChannel(group);
    CompletableFuture<Future<Integer>> reads = new CompletableFuture<>();
    CountDownLatch bothShut = new CountDownLatch(1);
    channel.connect(
        listener.getLocalAddress(),
        null,
        new CompletionHandler<Void, Void>() {
          @Override
          public void completed(Void result, Void attachment) {
            reads.complete(channel.read(ByteBuffer.allocate(1)));
            try {
              bothShut.await(); // The only thread that could look.
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }

          @Override
          public void failed(Throwable cause, Void attachment) {
            reads.completeExceptionally(cause);
          }
        });
    try {
      Future<Integer> read = reads.get(10, TimeUnit.SECONDS);
      channel.shutdownInput();
      channel.shutdownOutput();
      bothShut.countDown();
      assertEquals(-1, read.get(10, TimeUnit.SECONDS));
    } finally {
      bothShut.countDown();
      group.shutdownNow();
    }
  }
}
