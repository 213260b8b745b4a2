package io.twinport.nio;

/** A connected channel or socket, as the {@link Registry} knows it. */
interface RegisteredConnection extends Registered {
  /** Describes the connection; null if it is not up, or not any more. */
  Registry.Connection describe();
}
