package io.twinport.shm;

import io.twinport.config.Log;
import io.twinport.posix.Credentials;
import io.twinport.posix.Epoll;
import io.twinport.posix.Errno;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The listeners of this process, their names, and the clients that come in by them. */
final class Listeners {
  /** Processes that may wait on a name until the node's thread lets them in. */
  private static final int NAME_BACKLOG = 128;

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long GREETING_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final InetAddress ANY4 = any(4);
  private static final InetAddress ANY6 = any(16);

  private static final class Entry {
    final ShmListener listener;

    /** The socket that holds the name; -1 while another process holds it. */
    int socket = -1;

    Entry(ShmListener listener) {
      this.listener = listener;
    }
  }

  private final Node node;

  // guarded by this
  private final Map<InetSocketAddress, Entry> entries = new HashMap<>();
  private final Map<Integer, Greeting> greetings = new HashMap<>();
  private long nextRetry;

  Listeners(Node node) {
    this.node = node;
  }

  private static InetAddress any(int length) {
    try {
      return InetAddress.getByAddress(new byte[length]);
    } catch (UnknownHostException e) {
      throw new AssertionError("4 and 16 bytes are addresses", e);
    }
  }

  ShmListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    ShmListener listener = new ShmListener(node, local, backlog, condition);
    Entry entry = new Entry(listener);
    synchronized (this) {
      if (entries.putIfAbsent(local, entry) != null) {
        throw new IOException("there is a listener on " + local + " already");
      }
      boolean done = false;
      try {
        if (!takeName(entry)) {
          Log.debug(() -> "shm: the name of " + local + " is still held by another process");
          nextRetry = System.nanoTime() + RETRY_NANOS;
          node.stir();
        }
        done = true;
      } finally {
        if (!done) {
          entries.remove(local);
        }
      }
    }
    return listener;
  }

  /** Takes the listener's name; false if another process holds it, which may be about to end. */
  private boolean takeName(Entry entry) throws IOException {
    try {
      int socket = UnixSocket.listen(TwinNames.of(entry.listener.localAddress()), NAME_BACKLOG);
      entry.socket = socket;
      node.watch(socket, events -> welcome(socket), Epoll.EPOLLIN);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EADDRINUSE) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Tries again to take the names that others held, and closes sockets on which nobody has said anything for long. On
   * the node's thread.
   *
   * @return nanoseconds until it wants to be called again
   */
  synchronized long retry(long now) {
    boolean missing = false;
    long next = Long.MAX_VALUE;
    if (nextRetry != 0 && now - nextRetry >= 0) {
      for (Entry entry : entries.values()) {
        try {
          missing |= entry.socket < 0 && !takeName(entry);
        } catch (IOException e) {
          Log.warn("no twin for " + entry.listener.localAddress() + ": " + Log.cause(e));
        }
      }
      nextRetry = missing ? now + RETRY_NANOS : 0;
    }
    if (nextRetry != 0) {
      next = nextRetry - now;
    }
    for (Greeting greeting : greetings.values().toArray(Greeting[]::new)) {
      long left = greeting.deadline - now;
      if (left <= 0) {
        greeting.close();
      } else {
        next = Math.min(next, left);
      }
    }
    return next;
  }

  /** The listener that TCP would choose: the address itself before the wildcard. */
  synchronized ShmListener find(InetSocketAddress destination) {
    int port = destination.getPort();
    Entry entry = entries.get(destination);
    if (entry == null && destination.getAddress() instanceof Inet4Address) {
      entry = entries.get(new InetSocketAddress(ANY4, port));
    }
    if (entry == null) {
      entry = entries.get(new InetSocketAddress(ANY6, port));
    }
    return entry == null ? null : entry.listener;
  }

  /** Takes the name away, before the caller gives the TCP port back. */
  synchronized void remove(ShmListener listener) {
    Entry entry = entries.get(listener.localAddress());
    if (entry != null && entry.listener == listener) {
      entries.remove(listener.localAddress());
      if (entry.socket >= 0) {
        node.forget(entry.socket);
        Posix.close(entry.socket);
      }
    }
  }

  private void welcome(int socket) throws IOException {
    synchronized (this) {
      if (entries.values().stream().noneMatch(entry -> entry.socket == socket)) {
        return;
      }
      for (int client = UnixSocket.accept(socket);
          client >= 0;
          client = UnixSocket.accept(socket)) {
        Greeting greeting = new Greeting(client);
        greetings.put(client, greeting);
        node.watch(client, greeting, Epoll.EPOLLIN);
      }
    }
  }

  /** A socket on which the client has not said yet who it is. */
  private final class Greeting implements Node.Handler {
    final long deadline = System.nanoTime() + GREETING_NANOS;
    private final int socket;

    Greeting(int socket) {
      this.socket = socket;
    }

    @Override
    public void ready(int events) {
      ByteBuffer message = ByteBuffer.allocate(Wire.MAX_BYTES);
      int[] fds = new int[UnixSocket.MAX_FDS];
      Arrays.fill(fds, -1);
      try {
        int length = UnixSocket.receive(socket, message, fds);
        if (length < 0) {
          return;
        }
        if (length > 0) {
          message.flip();
          if (hello(message, fds)) {
            return;
          }
        }
      } catch (IOException e) {
        Log.debug(() -> "shm: a client is not let in: " + Log.cause(e));
      } finally {
        for (int fd : fds) {
          if (fd >= 0) {
            Posix.close(fd);
          }
        }
      }
      close();
    }

    /** Makes the link; false if the client is not let in, and has been told why. */
    private boolean hello(ByteBuffer message, int[] fds) throws IOException {
      byte type = message.get();
      if (type != Wire.HELLO) {
        throw new IOException("message of type " + type + " instead of a hello");
      }
      Credentials client = UnixSocket.peer(socket);
      Reason refusal =
          Wire.number(message) != LinkLayout.WIRE_VERSION
              ? Reason.WIRE_VERSION
              : node.isAllowed(client) ? null : Reason.PEER_NOT_ALLOWED;
      if (refusal != null) {
        UnixSocket.send(socket, Wire.reject(refusal));
        return false;
      }
      byte[] id = Wire.id(message);
      Peer peer = new Peer(fds[0]);
      int bell = fds[1];
      fds[1] = -1;
      peer.bell(0, bell);
      node.introduce(socket, Wire.welcome(node.id()));
      ServerLink link = new ServerLink(node, socket, peer, id, client);
      node.addLink(link);
      synchronized (Listeners.this) {
        greetings.remove(socket);
      }
      node.watch(socket, link, Epoll.EPOLLIN);
      return true;
    }

    void close() {
      synchronized (Listeners.this) {
        greetings.remove(socket);
      }
      node.forget(socket);
      Posix.close(socket);
    }
  }
}
