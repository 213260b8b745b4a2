package io.twinport.contract.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Asynchronous operations of the other JVM as this one sees them: begun there at once, so that what
 * begins them wrongly is thrown at once, and waited for on threads of this JVM.
 */
final class Completions {
  private static final ExecutorService WAITERS =
      Executors.newCachedThreadPool(
          body -> {
            Thread thread = new Thread(body, "contract-completion");
            thread.setDaemon(true);
            return thread;
          });

  private Completions() {}

  /** What is made of the result of an operation here. */
  @FunctionalInterface
  interface Ending<V, R> {
    R of(Remote<Operation<V>> operation) throws IOException;
  }

  /** Begins an operation there. */
  static <C, V> Remote<Operation<V>> begin(Remote<C> channel, Call<C, Operation<V>> beginning) {
    try {
      return channel.find(beginning);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static <V, R, A> void end(
      Remote<Operation<V>> operation,
      Ending<V, R> ending,
      A attachment,
      CompletionHandler<R, ? super A> handler) {
    WAITERS.execute(
        () -> {
          R result;
          try {
            result = ending.of(operation);
          } catch (IOException | RuntimeException e) {
            handler.failed(e, attachment);
            return;
          }
          handler.completed(result, attachment);
        });
  }

  static <V, R> Future<R> end(Remote<Operation<V>> operation, Ending<V, R> ending) {
    CompletableFuture<R> future = new CompletableFuture<>();
    end(
        operation,
        ending,
        null,
        new CompletionHandler<R, Object>() {
          @Override
          public void completed(R result, Object attachment) {
            future.complete(result);
          }

          @Override
          public void failed(Throwable failure, Object attachment) {
            future.completeExceptionally(failure);
          }
        });
    return future;
  }
}
