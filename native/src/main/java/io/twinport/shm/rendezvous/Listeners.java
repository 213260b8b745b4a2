package io.twinport.shm.rendezvous;

import io.twinport.config.Log;
import io.twinport.host.BacklogFull;
import io.twinport.host.HostSettings;
import io.twinport.posix.Credentials;
import io.twinport.posix.Epoll;
import io.twinport.posix.Errno;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.connection.ClientAddresses;
import io.twinport.shm.connection.Directory;
import io.twinport.shm.connection.ServerLink;
import io.twinport.shm.connection.ShmListener;
import io.twinport.shm.link.EventLoop;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.link.Links;
import io.twinport.shm.link.OwnWire;
import io.twinport.shm.link.PeerBells;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The listeners of this process, their names, and the clients that come in by them. */
public final class Listeners implements Directory, EventLoop.Timed {
  /** Processes that may wait on a name until the node's thread lets them in. */
  private static final int NAME_BACKLOG = 128;

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long SLOWEST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Clients that are let in before others get their turn. */
  private static final int CLIENTS_AT_A_TIME = 64;

  private static final InetAddress ANY4 = any(4);
  private static final InetAddress ANY6 = any(16);

  private final class Entry implements EventLoop.Handler {
    final ShmListener listener;

    /** The socket that holds the name; -1 while another process holds it. */
    int socket = -1;

    /** No descriptor is left for those who come in by it. */
    boolean paused;

    Entry(ShmListener listener) {
      this.listener = listener;
    }

    @Override
    public void ready(int events) {
      welcome(this);
    }
  }

  private final Links links;
  private final ClientAddresses addresses;
  private final BacklogFull full;

  // guarded by this
  private final Map<InetSocketAddress, Entry> entries = new HashMap<>();
  private final Map<Integer, Greeting> greetings = new LinkedHashMap<>(); // The oldest first.
  private long nextRetry;
  private long retryInterval = RETRY_NANOS;
  private boolean warned;

  /** Null until there is one: made by the node's thread, and rarely. */
  private volatile RefusedPeers refused;

  /**
   * @param addresses those of all clients
   * @param full what clients get that find a backlog full
   */
  public Listeners(Links links, ClientAddresses addresses, BacklogFull full) {
    this.links = links;
    this.addresses = addresses;
    this.full = full;
  }

  private static InetAddress any(int length) {
    try {
      return InetAddress.getByAddress(new byte[length]);
    } catch (UnknownHostException e) {
      throw new AssertionError("4 and 16 bytes are addresses", e);
    }
  }

  /**
   * Makes a listener, and takes its name, or tries again as long as another process has it.
   *
   * @throws SanUnavailableException if there are as many names as there may be
   */
  public ShmListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    ShmListener listener =
        new ShmListener(this, links.bounds().memory, local, backlog, full, condition);
    Entry entry = new Entry(listener);
    synchronized (this) {
      if (entries.size() >= links.bounds().names) {
        throw new SanUnavailableException(Reason.DESCRIPTORS);
      }
      if (entries.putIfAbsent(local, entry) != null) {
        throw new IOException("there is a listener on " + local + " already");
      }
      boolean done = false;
      try {
        if (!takeName(entry)) {
          Log.debug(() -> "shm: the name of " + local + " is still held by another process");
          retryFromNowOn();
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

  private void retryFromNowOn() {
    retryInterval = RETRY_NANOS;
    nextRetry = System.nanoTime() + RETRY_NANOS;
    links.loop().stir();
  }

  /** Takes the listener's name; false if another process holds it, which may be about to end. */
  private boolean takeName(Entry entry) throws IOException {
    try {
      int socket = UnixSocket.listen(TwinNames.of(entry.listener.localAddress()), NAME_BACKLOG);
      boolean watched = false;
      try {
        links.loop().watch(socket, entry, Epoll.EPOLLIN);
        entry.socket = socket;
        watched = true;
      } finally {
        if (!watched) {
          links.closeUntold(socket);
        }
      }
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EADDRINUSE) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Tries again to take the names that others held, lets clients in again where there was no
   * descriptor for them, and closes sockets on which nobody has said anything for long. On the
   * node's thread.
   *
   * @return nanoseconds until it wants to be called again
   */
  @Override
  public synchronized long look(long now) {
    boolean missing = false;
    long next = Long.MAX_VALUE;
    if (nextRetry != 0 && now - nextRetry >= 0) {
      for (Entry entry : entries.values()) {
        try {
          if (entry.paused) {
            links.loop().watchFor(entry.socket, entry, Epoll.EPOLLIN);
            entry.paused = false;
          }
          missing |= entry.socket < 0 && (links.closer().isStuck() || !takeName(entry));
        } catch (IOException e) {
          Log.warn("no twin for " + entry.listener.localAddress() + ": " + Log.cause(e));
        }
      }
      nextRetry = missing ? now + retryInterval : 0;
      retryInterval = Math.min(2 * retryInterval, SLOWEST_RETRY_NANOS);
    }
    if (nextRetry != 0) {
      next = nextRetry - now;
    }
    for (Greeting greeting : greetings.values().toArray(new Greeting[0])) {
      long left = greeting.deadline - now;
      if (left <= 0) {
        greeting.close();
      } else {
        next = Math.min(next, left);
      }
    }
    return next;
  }

  /** The address itself comes before the wildcard. */
  @Override
  public synchronized ShmListener find(InetSocketAddress destination) {
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
  @Override
  public synchronized void remove(ShmListener listener) {
    Entry entry = entries.get(listener.localAddress());
    if (entry != null && entry.listener == listener) {
      if (entry.socket >= 0) {
        giveUp(entry, Reason.NO_TWIN);
      }
      entries.remove(listener.localAddress()); // Last: an Error before it, and all is done again.
    }
  }

  /**
   * Gives a name up: whoever dials it from now on is refused, and who has dialled is told why.
   * Behind the shutdown nobody comes.
   */
  private void giveUp(Entry entry, Reason why) {
    int socket = entry.socket;
    try {
      UnixSocket.shutdown(socket);
      int client = UnixSocket.accept(socket);
      while (client >= 0) {
        turnAway(client, why);
        client = UnixSocket.accept(socket);
      }
    } catch (IOException e) {
      Log.debug(() -> "shm: a name is given up: " + Log.cause(e)); // None is left, or has gone.
    }
    links.loop().forget(socket);
    links.closeUntold(socket);
    entry.socket = -1;
    entry.paused = false;
  }

  private void turnAway(int client, Reason why) {
    try {
      UnixSocket.send(client, LinkMessages.reject(why));
    } catch (IOException e) {
      Log.debug(() -> "shm: a client has gone: " + Log.cause(e));
    } finally {
      links.closeUntold(client);
    }
  }

  /**
   * Strangers have left us nothing but descriptors that take for ever to close: until that is over,
   * clients go by TCP, at once.
   */
  private void giveAllUp() {
    if (!warned) {
      warned = true;
      Log.warn("shm: new clients go by TCP: descriptors that others have sent can't be closed");
    }
    for (Entry entry : entries.values()) {
      if (entry.socket >= 0) {
        giveUp(entry, Reason.DESCRIPTORS);
      }
    }
    retryFromNowOn();
  }

  private synchronized void welcome(Entry entry) {
    int socket = entry.socket;
    if (socket < 0) {
      return;
    }
    try {
      for (int i = 0; i < CLIENTS_AT_A_TIME; i++) {
        if (links.closer().isStuck()) {
          giveAllUp();
          return;
        }
        if (!links.spares().takeBack()) {
          pause(entry, "no descriptor is left for them");
          return;
        }
        int client = UnixSocket.accept(socket);
        if (client < 0) {
          return;
        }
        // One that is let go while those need it who are connected is not for whoever comes.
        if (links.spares().takeBack()) {
          letIn(client);
        } else {
          links.closeUntold(client);
        }
      }
    } catch (IOException e) {
      pause(entry, Log.cause(e));
    }
  }

  /** The kernel would say at once, again and again, that somebody waits. */
  private void pause(Entry entry, String why) {
    if (!warned) {
      warned = true;
      Log.warn("shm: clients have to wait: " + why);
    }
    entry.paused = true;
    links.loop().watchFor(entry.socket, entry, 0);
    retryFromNowOn();
  }

  /**
   * Whoever is not allowed is told so before he says anything: everybody can connect to an abstract
   * name, and must not be able to keep descriptors of this process.
   */
  private void letIn(int client) {
    boolean kept = false;
    try {
      if (!links.isAllowed(UnixSocket.peer(client))) {
        UnixSocket.send(client, LinkMessages.reject(Reason.PEER_NOT_ALLOWED));
      } else {
        if (greetings.size() >= links.bounds().greetings) {
          // Who means to say something has said it by now.
          greetings.values().iterator().next().close();
        }
        Greeting greeting = new Greeting(client);
        greetings.put(client, greeting);
        links.loop().watch(client, greeting, Epoll.EPOLLIN);
        kept = true;
      }
    } catch (IOException e) {
      Log.debug(() -> "shm: a client is not let in: " + Log.cause(e));
    } finally {
      if (!kept) {
        greetings.remove(client);
        links.closeUntold(client);
      }
    }
  }

  private void refused(int pid, Reason reason) {
    RefusedPeers known = refused;
    if (known == null) {
      known = new RefusedPeers();
      refused = known;
    }
    known.note(pid, reason);
  }

  /** The processes that were told to use TCP before they could connect, and why. */
  public Map<Long, Reason> refusedPeers() {
    RefusedPeers known = refused;
    return known == null ? Map.of() : known.all();
  }

  /** A socket on which the client has not said yet who it is, or has not sent its board. */
  private final class Greeting implements EventLoop.Handler {
    final long deadline = System.nanoTime() + HostSettings.GREETING_NANOS;
    private final int socket;

    /** What the client says that it is; null before it does. */
    private byte[] id;

    /** The wire by which it rings us; null before it is welcome. */
    private OwnWire wire;

    private PeerBells peer;

    /** Whose the socket, and all the rest, is in the end. */
    private ServerLink link;

    private boolean socketClosed;
    private boolean closed;

    Greeting(int socket) {
      this.socket = socket;
    }

    @Override
    public void ready(int events) {
      if (link != null) {
        handOver();
        return;
      }
      UnixSocket.Inbox inbox = links.inbox();
      try {
        int length = LinkMessages.peek(inbox, socket, links.spares());
        if (length < 0) {
          return;
        }
        if (length > 0 && (id == null ? hello(inbox) : board(inbox))) {
          return;
        }
      } catch (IOException | RuntimeException e) {
        Log.debug(() -> "shm: a client is not let in: " + Log.cause(e));
      } catch (Throwable e) {
        if (link == null) {
          inbox.closeFds(); // First: behind the socket's close they would be the last.
          close();
        }
        throw e;
      } finally {
        inbox.closeFds();
        links.spares().takeBack();
      }
      close();
    }

    /** Welcomes the client; false if it is not let in, and has been told why. */
    private boolean hello(UnixSocket.Inbox inbox) throws IOException {
      ByteBuffer message = inbox.message();
      byte type = message.get();
      if (type != LinkMessages.HELLO) {
        throw new IOException("message of type " + type + " instead of a hello");
      }
      if (LinkMessages.number(message) != LinkLayout.WIRE_VERSION) {
        UnixSocket.send(socket, LinkMessages.reject(Reason.WIRE_VERSION));
        refused(UnixSocket.peer(socket).pid(), Reason.WIRE_VERSION);
        return false;
      }
      byte[] said = LinkMessages.id(message);
      if (!links.takeLink()) {
        UnixSocket.send(socket, LinkMessages.reject(Reason.DESCRIPTORS));
        return false;
      }
      id = said; // From here on the link counts.
      inbox.skip(socket);
      wire = OwnWire.ofSeat0();
      if (!links.spares().takeBack()) {
        UnixSocket.send(
            socket, LinkMessages.reject(Reason.DESCRIPTORS)); // It could not write, either.
        return false;
      }
      links.loop().listenTo(wire);
      UnixSocket.takesDescriptors(socket, true);
      links.introduce(socket, LinkMessages.welcome(links.id()), wire);
      return true;
    }

    /** Makes the link. */
    private boolean board(UnixSocket.Inbox inbox) throws IOException {
      byte type = inbox.message().get();
      if (type != LinkMessages.BOARD) {
        throw new IOException("message of type " + type + " instead of a board");
      }
      Credentials client = UnixSocket.peer(socket);
      int[] fds = inbox.fds();
      peer = new PeerBells(links, fds[0], fds[1]);
      fds[1] = -1;
      inbox.skip(socket);
      if (!links.spares().takeBack()) {
        throw new IOException("no descriptor is left for a link");
      }
      ServerLink made =
          new ServerLink(links, socket, peer, wire, id, client, Listeners.this, addresses);
      links.addLink(made);
      link = made;
      handOver();
      return true;
    }

    private void handOver() {
      links.loop().watchFor(socket, link, Epoll.EPOLLIN);
      synchronized (Listeners.this) {
        greetings.remove(socket);
      }
    }

    /** What an Error leaves of it is done when the greeting's time is over. */
    void close() {
      if (link != null) {
        handOver();
        return;
      }
      if (!socketClosed) {
        links.loop().forget(socket);
        if (id == null) {
          links.closeUntold(socket);
        } else {
          links.closer().close(socket);
        }
        socketClosed = true;
      }
      if (wire != null && !wire.isClosed()) {
        links.loop().forget(wire.fd());
        wire.close();
      }
      if (peer != null) {
        peer.close();
      }
      if (!closed) {
        closed = true;
        if (id != null) {
          links.bounds().giveLinkBack();
        }
      }
      synchronized (Listeners.this) {
        greetings.remove(socket, this);
      }
    }
  }
}
