package io.twinport.registry;

import io.twinport.spi.SanConnection;

/** A connected channel or socket, as the {@link Registry} knows it. */
public interface RegisteredConnection {
  /** Describes the connection; null if it is not up, or not any more. */
  Registry.Connection describe();

  /** As {@link #describe}, without numbers: for those who are told of each connection. */
  default Registry.Connection identify() {
    return describe();
  }

  /** Whether it is an end of {@code connection}. */
  default boolean isOf(SanConnection connection) {
    return false;
  }
}
