package sun.nio.ch;

import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;

/** An asynchronous server channel of a group of ours, for extension outside {@code java.base}. */
public abstract class SanAsynchronousServerSocket extends AsynchronousServerSocketChannel
    implements Cancellable, Groupable {
  private final SanPort port;

  protected SanAsynchronousServerSocket(AsynchronousChannelProvider provider, SanPort port) {
    super(provider);
    this.port = port;
  }

  @Override
  public final AsynchronousChannelGroupImpl group() {
    return port;
  }

  /** A future of this channel's is cancelled. Called under the future's lock. */
  protected abstract void cancelled();

  @Override
  public final void onCancel(PendingFuture<?, ?> future) {
    cancelled();
  }
}
