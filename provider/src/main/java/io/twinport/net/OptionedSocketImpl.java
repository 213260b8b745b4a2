package io.twinport.net;

import io.twinport.core.PlainFace;
import io.twinport.core.StoredOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Set;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanSocketImpl;
import sun.nio.ch.SanTcpSocket;

/**
 * The part of {@link TwinSocketImpl} that keeps its state, its two sides, and their options. What
 * is set before the path is decided is set on both.
 */
abstract class OptionedSocketImpl extends SanSocketImpl {
  /** The options that the JDK sets and reads by number; SO_LINGER has a number for two types. */
  private static final Map<Integer, SocketOption<?>> BY_NUMBER =
      Map.of(
          IP_TOS, StandardSocketOptions.IP_TOS,
          TCP_NODELAY, StandardSocketOptions.TCP_NODELAY,
          SO_SNDBUF, StandardSocketOptions.SO_SNDBUF,
          SO_RCVBUF, StandardSocketOptions.SO_RCVBUF,
          SO_KEEPALIVE, StandardSocketOptions.SO_KEEPALIVE,
          SO_OOBINLINE, SanAccess.oobInline(),
          SO_REUSEADDR, StandardSocketOptions.SO_REUSEADDR,
          SO_REUSEPORT, StandardSocketOptions.SO_REUSEPORT);

  static final int NEW = 0;
  static final int UNCONNECTED = 1;
  static final int CONNECTING = 2;
  static final int CONNECTED = 3;
  static final int CLOSED = 4;

  /** Held by any thread that changes what follows. No blocking operation under it. */
  final Object stateLock = new Object();

  // -- Protected by stateLock; volatile fields are read without it.
  volatile int state = NEW;

  /** The SAN's side; before it is connected, it keeps the options. A datagram socket has none. */
  volatile PlainFace san;

  /** The JDK's socket, if there is one: for a bound address, a datagram, or TCP as the path. */
  volatile SanTcpSocket tcp;

  volatile boolean onTcp;
  volatile int timeout;

  final void ensureOpen() throws SocketException {
    int now = state;
    if (now == NEW) {
      throw new SocketException("Socket not created");
    }
    if (now == CLOSED) {
      throw new SocketException("Socket closed");
    }
  }

  /** Returns the TCP socket, made now if there is none, with the options that were set. */
  final SanTcpSocket tcp() throws IOException {
    synchronized (stateLock) {
      ensureOpen();
      if (tcp == null) {
        SanTcpSocket made = SanTcpSocket.create(false);
        try {
          san.socket.replayOptions(
              new StoredOptions.Target() {
                @Override
                public <T> void set(SocketOption<T> name, T value) throws IOException {
                  setOn(made, name, value);
                }
              });
          made.set(SO_TIMEOUT, timeout);
        } catch (IOException e) {
          made.close();
          throw e;
        }
        tcp = made;
      }
      return tcp;
    }
  }

  private static <T> void setOn(SanTcpSocket socket, SocketOption<T> name, T value)
      throws IOException {
    if (name.equals(SanAccess.oobInline())) {
      socket.set(SO_OOBINLINE, value); // An option by number only.
    } else {
      socket.set(name, value);
    }
  }

  /** As {@code java.net} tells what a channel says. */
  static SocketException asSocketException(IOException e) {
    if (e instanceof SocketException socketException) {
      return socketException;
    }
    SocketException translated =
        new SocketException(e instanceof ClosedChannelException ? "Socket closed" : e.getMessage());
    translated.setStackTrace(e.getStackTrace());
    return translated;
  }

  // -- Options

  private static final class Supported {
    static final Set<SocketOption<?>> OPTIONS = SanTcpSocket.supportedOptions(false);
  }

  @Override
  protected Set<SocketOption<?>> supportedOptions() {
    return Supported.OPTIONS;
  }

  @Override
  protected <T> void setOption(SocketOption<T> name, T value) throws IOException {
    StoredOptions.check(name, value, supportedOptions());
    set(name, value);
  }

  private <T> void set(SocketOption<T> name, T value) throws IOException {
    synchronized (stateLock) {
      ensureOpen();
      if (tcp != null) {
        setOn(tcp, name, value);
      }
      if (!onTcp) {
        san.socket.setOption(name, value);
      }
    }
  }

  @Override
  protected <T> T getOption(SocketOption<T> name) throws IOException {
    StoredOptions.check(name, supportedOptions());
    synchronized (stateLock) {
      ensureOpen();
      return tcp != null ? tcp.get(name) : san.socket.getOption(name);
    }
  }

  @Override
  public void setOption(int option, Object value) throws SocketException {
    synchronized (stateLock) {
      ensureOpen();
      try {
        switch (option) {
          case SO_TIMEOUT -> {
            timeout = checkTimeout(value);
            if (tcp != null) {
              tcp.set(option, value);
            }
          }
          case SO_LINGER ->
              set(
                  StandardSocketOptions.SO_LINGER,
                  Boolean.FALSE.equals(value) ? -1 : checked("SO_LINGER", Integer.class, value));
          default -> setByNumber(option, value);
        }
      } catch (SocketException e) {
        throw e;
      } catch (IllegalArgumentException | IOException e) {
        throw new SocketException(e.getMessage());
      }
    }
  }

  private static int checkTimeout(Object value) throws SocketException {
    int millis = checked("SO_TIMEOUT", Integer.class, value);
    if (millis < 0) {
      throw new IllegalArgumentException("timeout < 0");
    }
    return millis;
  }

  private <T> void setByNumber(int option, Object value) throws IOException {
    @SuppressWarnings("unchecked") // It is whatever type it has.
    SocketOption<T> name = (SocketOption<T>) BY_NUMBER.get(option);
    if (name == null) {
      throw new SocketException("Unknown option " + option);
    }
    T wanted = checked(name.name(), name.type(), value);
    if ((option == SO_SNDBUF || option == SO_RCVBUF) && (Integer) wanted <= 0) {
      throw new SocketException(name.name() + " <= 0");
    }
    set(name, wanted);
  }

  private static <T> T checked(String name, Class<T> type, Object value) throws SocketException {
    if (!type.isInstance(value)) {
      throw new SocketException("Bad value for " + name);
    }
    return type.cast(value);
  }

  @Override
  public Object getOption(int option) throws SocketException {
    synchronized (stateLock) {
      ensureOpen();
      if (option == SO_TIMEOUT) {
        return timeout;
      }
      // On the SAN, the TCP socket knows the address it was bound to, not the connection's.
      if (tcp != null && (onTcp || state < CONNECTED || option != SO_BINDADDR)) {
        return tcp.get(option);
      }
      try {
        switch (option) {
          case SO_BINDADDR:
            InetSocketAddress local = san.socket.localAddress();
            return local != null ? local.getAddress() : new InetSocketAddress(0).getAddress();
          case SO_LINGER:
            int linger = san.socket.getOption(StandardSocketOptions.SO_LINGER);
            if (linger == -1) {
              return false;
            }
            return linger;
          default:
            SocketOption<?> name = BY_NUMBER.get(option);
            if (name == null) {
              throw new SocketException("Unknown option " + option);
            }
            return san.socket.getOption(name);
        }
      } catch (IOException e) {
        throw asSocketException(e);
      }
    }
  }
}
