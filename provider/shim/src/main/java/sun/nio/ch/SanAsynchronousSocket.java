package sun.nio.ch;

import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;

/** An asynchronous socket channel of a group of ours, for extension outside {@code java.base}. */
public abstract class SanAsynchronousSocket extends AsynchronousSocketChannel
    implements Cancellable, Groupable {
  private final SanPort port;

  protected SanAsynchronousSocket(AsynchronousChannelProvider provider, SanPort port) {
    super(provider);
    this.port = port;
  }

  @Override
  public final AsynchronousChannelGroupImpl group() {
    return port;
  }

  /**
   * A future of this channel's is cancelled. Called under the future's lock.
   *
   * @param context what {@link SanCompletion#pending} was given
   */
  protected abstract void cancelled(Object context);

  @Override
  public final void onCancel(PendingFuture<?, ?> future) {
    cancelled(future.getContext());
  }
}
