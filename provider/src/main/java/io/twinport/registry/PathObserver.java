package io.twinport.registry;

/**
 * Who is told of each connection as it comes to be: the flight recorder's side. Called by the
 * threads that connect and accept; what it throws is counted as lost and harms nobody.
 */
public interface PathObserver {
  /**
   * A connect begins.
   *
   * @return what {@link #connected} is given at its end; null if that need not be told
   */
  Object connectBegins();

  /**
   * A connect has ended and the connection is up.
   *
   * @param begun what {@link #connectBegins} has returned
   * @param connection the connection; null if it was closed meanwhile
   */
  void connected(Object begun, Registry.Connection connection);

  /** Whether it wants to hear of what listeners accept now; else nobody collects it. */
  boolean wantsAccepted();

  /** A listener has accepted a connection, over the SAN or over TCP. */
  void accepted(Registry.Connection connection);

  /** Something has happened; one that happens again is told each time. */
  void happened(PathEvent event);
}
