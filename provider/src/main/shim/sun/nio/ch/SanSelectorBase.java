package sun.nio.ch;

import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;

/**
 * Makes the JDK's epoll selector extensible from outside {@code java.base}. Defined into {@code
 * sun.nio.ch} at run time, from bytes that the switch carries as a resource.
 */
public abstract class SanSelectorBase extends EPollSelectorImpl {
  protected SanSelectorBase(SelectorProvider sp) throws IOException {
    super(sp);
  }
}
