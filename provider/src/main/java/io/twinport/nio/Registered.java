package io.twinport.nio;

import java.io.IOException;

/** What the {@link Registry} lists until it is closed. */
interface Registered {
  /** Goes on with a close that an Error has ended. */
  default void closeRest() throws IOException {}
}
