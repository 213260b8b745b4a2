package io.twinport.registry;

import java.io.IOException;

/**
 * What an Error can leave half closed. Whoever closes it notes that by stores alone, as there may
 * be no stack for a call, and others go on: {@code halfClosed} first, and then the registry's
 * {@link Registry#anyHalfClosed}.
 */
public abstract class HalfClosed {
  /** Whether an Error has ended the close. */
  public volatile boolean halfClosed;

  /** Where it is noted that there is something to go on with. */
  public final Registry registry;

  /** Something that is open. */
  protected HalfClosed(Registry registry) {
    this.registry = registry;
  }

  /** Closes all that belongs to it, from the begin or from where an Error has ended that. */
  protected abstract void closeAll() throws IOException;

  /** Goes on with a close that an Error has ended. */
  public final void closeRest() throws IOException {
    if (halfClosed) {
      halfClosed = false;
      try {
        closeAll();
      } catch (RuntimeException | Error e) {
        halfClosed = true;
        registry.anyHalfClosed = true;
        throw e;
      }
    }
  }
}
