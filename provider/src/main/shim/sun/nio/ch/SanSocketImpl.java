package sun.nio.ch;

import java.net.SocketImpl;
import sun.net.PlatformSocketImpl;

/**
 * What {@code java.net} takes for a socket of the platform's own: {@code ServerSocket} accepts into
 * a new one, and SOCKS and HTTP proxies may go through it.
 */
public abstract class SanSocketImpl extends SocketImpl implements PlatformSocketImpl {}
