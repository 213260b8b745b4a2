package io.twinport.nio;

import java.io.IOException;

/** A connected channel or socket, as the {@link Registry} knows it. */
interface RegisteredConnection {
  /** Describes the connection; null if it is not up, or not any more. */
  Registry.Connection describe();

  /** Goes on with a close that an Error has ended. */
  default void closeRest() throws IOException {}
}
