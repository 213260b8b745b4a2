package sun.nio.ch;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.Consumer;

/**
 * Makes the JDK's epoll selector extensible from outside {@code java.base}. Defined into {@code
 * sun.nio.ch} at run time, from bytes that the switch carries as a resource.
 */
public abstract class SanSelectorBase extends EPollSelectorImpl {
  private static final VarHandle EPFD;

  static {
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(EPollSelectorImpl.class, MethodHandles.lookup());
      EPFD = lookup.findVarHandle(EPollSelectorImpl.class, "epfd", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private FileDescriptor epoll; // Made at first use; names the descriptor without owning it.

  protected SanSelectorBase(SelectorProvider sp) throws IOException {
    super(sp);
  }

  /**
   * Lets the kernel wait end when {@code fd} is readable too. No key belongs to it, so the JDK's
   * loop over the events passes it by.
   */
  public final void watch(int fd, int events) throws IOException {
    int errno = EPoll.ctl((int) EPFD.get(this), EPoll.EPOLL_CTL_ADD, fd, events);
    if (errno != 0) {
      throw new IOException("epoll_ctl failed (" + errno + ")");
    }
  }

  /** Takes {@link #watch} back, if it was called. */
  public final void unwatch(int fd) {
    int unused = EPoll.ctl((int) EPFD.get(this), EPoll.EPOLL_CTL_DEL, fd, 0);
  }

  /** Whether the kernel's wait would end at once. */
  public final boolean kernelIsReady() throws IOException {
    if (epoll == null) {
      epoll = IOUtil.newFD((int) EPFD.get(this));
    }
    return Net.poll(epoll, Net.POLLIN, 0) != 0;
  }

  /** Asks a key's channel to translate ready events, as a selection operation does. */
  protected final int process(
      int readyEvents, SelectionKeyImpl key, Consumer<SelectionKey> action) {
    return processReadyEvents(readyEvents, key, action);
  }
}
