package io.twinport.contract.support;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOptions;
import java.net.SocketTimeoutException;
import java.util.function.Function;
import sun.nio.ch.NioSocketImpl;

/**
 * Makes sockets over a given kind of {@link SocketImpl} as {@code java.net} makes its own over what
 * {@code SocketImpl.createPlatformSocketImpl} returns, in a JVM where nobody has hooked that
 * method.
 */
public final class PlatformSockets {
  /** The JDK's own sockets, also in a JVM where the switch is installed: the oracle. */
  public static final PlatformSockets JDK = new PlatformSockets(NioSocketImpl::new);

  private final Function<Boolean, SocketImpl> impls;

  /**
   * @param impls makes a new {@link SocketImpl}; the argument tells whether it is for a server
   *     socket
   */
  public PlatformSockets(Function<Boolean, SocketImpl> impls) {
    this.impls = impls;
  }

  /** A new socket, neither bound nor connected. */
  public Socket newSocket() throws IOException {
    return new OwnSocket(Internals.socks(impls.apply(false)));
  }

  /** A new socket that connects by way of {@code proxy}, or by way of none. */
  public Socket newSocket(Proxy proxy) throws IOException {
    return switch (proxy.type()) {
      case DIRECT -> new OwnSocket(impls.apply(false));
      case SOCKS -> new OwnSocket(Internals.socks(proxy, impls.apply(false)));
      // Asks for another socket of its own once it is connected, which only the hook reaches.
      case HTTP -> new Socket(proxy);
    };
  }

  /** A new server socket that is not bound. */
  public ServerSocket newServerSocket() throws IOException {
    return new OwnServerSocket(impls.apply(true));
  }

  /** What sets options by number, below the checks that {@code socket} makes. */
  public static SocketOptions optionsOf(Socket socket) throws IOException {
    return (SocketOptions) Internals.invoke(Internals.GET_IMPL, socket);
  }

  private static final class OwnSocket extends Socket {
    OwnSocket(SocketImpl impl) throws SocketException {
      super(impl);
    }
  }

  /** Accepts into a {@link SocketImpl} of the same kind as its own. */
  private final class OwnServerSocket extends ServerSocket {
    private final SocketImpl listening;

    OwnServerSocket(SocketImpl listening) {
      super(listening);
      this.listening = listening;
    }

    @Override
    public Socket accept() throws IOException {
      if (isClosed()) {
        throw new SocketException("Socket is closed");
      }
      if (!isBound()) {
        throw new SocketException("Socket is not bound yet");
      }
      SocketImpl accepted = impls.apply(false);
      try {
        Internals.accept(listening, accepted);
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (InterruptedIOException e) {
        // As ServerSocket does for virtual threads.
        if (Thread.currentThread().isInterrupted()) {
          close();
          throw new SocketException("Closed by interrupt");
        }
        throw e;
      }
      Socket socket = new OwnSocket(accepted);
      Internals.setConnected(socket);
      return socket;
    }
  }

  /** What {@code java.net} keeps to itself. */
  private static final class Internals {
    private static final Constructor<?> SOCKS = socksConstructor(SocketImpl.class);
    private static final Constructor<?> SOCKS_WITH_PROXY =
        socksConstructor(Proxy.class, SocketImpl.class);
    private static final Method ACCEPT = method(SocketImpl.class, "accept", SocketImpl.class);
    private static final Method GET_IMPL = method(Socket.class, "getImpl");
    private static final Method SET_CONNECTED = setConnectedMethod();

    private static Constructor<?> socksConstructor(Class<?>... parameters) {
      try {
        Constructor<?> constructor =
            Class.forName("java.net.SocksSocketImpl").getDeclaredConstructor(parameters);
        constructor.setAccessible(true);
        return constructor;
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private static Method method(Class<?> type, String name, Class<?>... parameters) {
      try {
        Method method = type.getDeclaredMethod(name, parameters);
        method.setAccessible(true);
        return method;
      } catch (NoSuchMethodException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    /** Its name up to JDK 21, else the one after. */
    private static Method setConnectedMethod() {
      for (Method method : Socket.class.getDeclaredMethods()) {
        if (method.getName().equals("postAccept")) {
          method.setAccessible(true);
          return method;
        }
      }
      return method(Socket.class, "setConnected");
    }

    static SocketImpl socks(SocketImpl delegate) throws IOException {
      return make(SOCKS, delegate);
    }

    static SocketImpl socks(Proxy proxy, SocketImpl delegate) throws IOException {
      return make(SOCKS_WITH_PROXY, proxy, delegate);
    }

    private static SocketImpl make(Constructor<?> constructor, Object... arguments)
        throws IOException {
      try {
        return (SocketImpl) constructor.newInstance(arguments);
      } catch (InvocationTargetException e) {
        throw causeOf(e);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }

    static void accept(SocketImpl listening, SocketImpl accepted) throws IOException {
      invoke(ACCEPT, listening, accepted);
    }

    static void setConnected(Socket socket) throws IOException {
      invoke(SET_CONNECTED, socket);
    }

    private static Object invoke(Method method, Object target, Object... arguments)
        throws IOException {
      try {
        return method.invoke(target, arguments);
      } catch (InvocationTargetException e) {
        throw causeOf(e);
      } catch (IllegalAccessException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }

    private static IOException causeOf(InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      return (IOException) cause;
    }
  }
}
