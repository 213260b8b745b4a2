package io.twinport.spi;

/**
 * What can happen on a listener or a connection, as bits of an {@code int} mask. The names are
 * those of the Winsock network events that Windows Sockets Direct selects on.
 */
public final class NetworkEvent {
  /** A request stands in a listener's accept queue. */
  public static final int ACCEPT = 1;

  /**
   * A connect has its final outcome, good or bad: {@link SanConnection#finishConnect} does not
   * wait.
   */
  public static final int CONNECT = 1 << 1;

  /** {@link SanConnection#read} returns bytes or end of stream, or throws. */
  public static final int READ = 1 << 2;

  /** {@link SanConnection#write} takes at least one byte, or throws. */
  public static final int WRITE = 1 << 3;

  /** The connection is over in both directions. Reported with {@code READ} and {@code WRITE}. */
  public static final int CLOSE = 1 << 4;

  private NetworkEvent() {}
}
