package sun.nio.ch;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;

/**
 * The JDK's TCP channel, for use behind another channel: its descriptor can outlive its closing for
 * as long as a selector holds a key on it, and what the JDK's socket adaptor calls is public.
 */
public abstract class SanTcpChannel extends SocketChannelImpl {
  private static final Set<SocketOption<?>> OPTIONS = socketOptions();

  private final Object keptLock = new Object();
  private boolean kept;

  protected SanTcpChannel(SelectorProvider sp) throws IOException {
    super(sp);
  }

  protected SanTcpChannel(SelectorProvider sp, ProtocolFamily family) throws IOException {
    super(sp, family);
  }

  @SuppressWarnings("unchecked") // It is the type of the field.
  private static Set<SocketOption<?>> socketOptions() {
    try {
      Class<?> holder = Class.forName("sun.nio.ch.SocketChannelImpl$DefaultOptionsHolder");
      return (Set<SocketOption<?>>)
          MethodHandles.lookup().findStaticVarHandle(holder, "defaultInetOptions", Set.class).get();
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The options that all such channels have; no descriptor is needed to know them. */
  public static Set<SocketOption<?>> options() {
    return OPTIONS;
  }

  /**
   * Whether a key of the channel in front is still in a selector. If the number of the descriptor
   * were free already, another channel could get it, and deregistering the old key would remove the
   * new one from the selector.
   */
  protected abstract boolean keepDescriptor();

  @Override
  protected final void implCloseSelectableChannel() throws IOException {
    synchronized (keptLock) {
      if (keepDescriptor()) {
        kept = true;
        if (isBlocking()) {
          wakeBlocked();
        }
        return;
      }
    }
    super.implCloseSelectableChannel();
  }

  /** Closes the descriptor if closing the channel has left it open. */
  public final void releaseDescriptor() throws IOException {
    boolean release;
    synchronized (keptLock) {
      release = kept;
      kept = false;
    }
    if (release) {
      super.implCloseSelectableChannel();
    }
  }

  private void wakeBlocked() {
    try {
      Net.shutdown(getFD(), Net.SHUT_RDWR);
    } catch (IOException e) {
      // Not connected: then nobody is blocked in read or write, and connect has seen the error.
      return;
    }
  }

  public final void connectWithin(SocketAddress remote, long nanos) throws IOException {
    blockingConnect(remote, nanos);
  }

  public final int readBytes(byte[] b, int off, int len, long nanos) throws IOException {
    return blockingRead(b, off, len, nanos);
  }

  public final void writeBytes(byte[] b, int off, int len) throws IOException {
    blockingWriteFully(b, off, len);
  }

  public final int readable() throws IOException {
    return available();
  }

  public final int sendUrgent(byte b) throws IOException {
    return sendOutOfBandData(b);
  }

  public final boolean inputOpen() {
    return isInputOpen();
  }

  public final boolean outputOpen() {
    return isOutputOpen();
  }

  /** The local address, also after the channel is closed, or null. */
  public final SocketAddress local() {
    return localAddress();
  }

  /** The remote address, also after the channel is closed, or null. */
  public final SocketAddress remote() {
    return remoteAddress();
  }
}
