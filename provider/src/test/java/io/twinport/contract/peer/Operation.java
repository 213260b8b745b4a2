package io.twinport.contract.peer;

import java.nio.channels.CompletionHandler;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** An asynchronous operation where it runs, which is the other JVM; its outcome is waited for. */
final class Operation<V> implements CompletionHandler<V, Object> {
  private final CompletableFuture<V> outcome = new CompletableFuture<>();
  private final byte[] target;

  /** {@code target} is what a read is into, or null. */
  Operation(byte[] target) {
    this.target = target;
  }

  @Override
  public void completed(V result, Object attachment) {
    outcome.complete(result);
  }

  @Override
  public void failed(Throwable failure, Object attachment) {
    outcome.completeExceptionally(failure);
  }

  V result() throws Exception {
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** What a read brought, null at the end of the stream. */
  byte[] bytes() throws Exception {
    int read = (Integer) result();
    return read < 0 ? null : Arrays.copyOf(target, read);
  }
}
