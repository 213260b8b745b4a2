package io.twinport.shm.rendezvous;

import io.twinport.config.Log;
import io.twinport.posix.Credentials;
import io.twinport.posix.Epoll;
import io.twinport.posix.Errno;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.connection.ClientLink;
import io.twinport.shm.connection.ClientPermit;
import io.twinport.shm.connection.Connects;
import io.twinport.shm.connection.PermitHolder;
import io.twinport.shm.connection.ShmConnection;
import io.twinport.shm.connection.WaitingQueue;
import io.twinport.shm.link.EventLoop;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.link.Links;
import io.twinport.shm.link.OwnWire;
import io.twinport.shm.link.PeerBells;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the process behind an address: its name, a link to it, a permit to its listener. What is
 * known serves the next connects at once; the rest happens on the node's thread.
 */
public final class Dialler implements PermitHolder {
  private final Links links;
  private final Connects connects;
  private final Map<InetSocketAddress, ClientPermit> permits = new ConcurrentHashMap<>();

  // guarded by this
  private final Map<InetSocketAddress, Dial> dials = new HashMap<>();
  private final Map<String, ClientLink> linksByServer = new HashMap<>();

  /**
   * @param connects watches those that are dialled
   */
  public Dialler(Links links, Connects connects) {
    this.links = links;
    this.connects = connects;
  }

  /**
   * Begins to connect.
   *
   * @throws SanUnavailableException if nobody listens on the SAN there
   */
  public void connect(ShmConnection connection) throws IOException {
    connection.dialledBy(connects);
    ClientPermit permit = permits.get(connection.remoteAddress());
    if (permit != null && !permit.link().isDead()) {
      permit.link().request(connection, permit);
    } else {
      dial(connection);
    }
  }

  @Override
  public void lookUpAgain(ShmConnection connection) {
    links
        .loop()
        .execute(
            () -> {
              ClientPermit known = connection.lastPermit();
              if (known != null) {
                permits.remove(connection.remoteAddress(), known);
              }
              try {
                connect(connection);
              } catch (IOException | RuntimeException | Error e) {
                connection.fail(e instanceof IOException plain ? plain : new IOException(e));
              }
            });
  }

  private void dial(ShmConnection connection) throws IOException {
    InetSocketAddress remote = connection.remoteAddress();
    ClientPermit permit;
    synchronized (this) {
      Dial running = dials.get(remote);
      if (running != null) {
        running.waiting.add(connection);
        return;
      }
      permit = permits.get(remote);
      if (permit == null || permit.link().isDead()) {
        int socket = open(remote);
        boolean watched = false;
        try {
          Dial dial = new Dial(remote, socket);
          dial.waiting.add(connection);
          dials.put(remote, dial);
          links.loop().watch(socket, dial, Epoll.EPOLLIN);
          watched = true;
        } catch (IOException e) {
          throw new SanUnavailableException(Reason.PROVIDER_FAILED, Log.cause(e), e);
        } finally {
          if (!watched) {
            dials.remove(remote);
            links.closer().close(socket);
          }
        }
        return;
      }
    }
    permit.link().request(connection, permit);
  }

  /** Connects to the first name that somebody holds, and says who we are. */
  private int open(InetSocketAddress remote) throws SanUnavailableException {
    try {
      return tryOpen(remote);
    } catch (SanUnavailableException e) {
      throw e;
    } catch (IOException e) {
      // the process went away between the two calls, or there is no descriptor left: TCP says what
      // becomes of that
      throw new SanUnavailableException(Reason.PEER_GONE, Log.cause(e), e);
    }
  }

  private int tryOpen(InetSocketAddress remote) throws IOException {
    for (String name : TwinNames.candidates(remote)) {
      int socket = UnixSocket.connect(name);
      if (socket == -Errno.ECONNREFUSED) {
        continue;
      }
      if (socket < 0) {
        throw new SanUnavailableException(Reason.TIMEOUT);
      }
      boolean told = false;
      boolean done = false;
      try {
        if (!links.isAllowed(UnixSocket.peer(socket))) {
          throw new SanUnavailableException(Reason.PEER_NOT_ALLOWED);
        }
        told = true;
        UnixSocket.takesDescriptors(socket, true);
        introduce(socket);
        done = true;
        return socket;
      } finally {
        if (!done && told) {
          links.closer().close(socket);
        } else if (!done) {
          links.closeUntold(socket);
        }
      }
    }
    throw new SanUnavailableException(Reason.NO_TWIN);
  }

  /**
   * Says who we are. Whoever is turned away at the door is told why before he has said anything.
   */
  private void introduce(int socket) throws IOException {
    try {
      if (!UnixSocket.send(socket, LinkMessages.hello(links.id()))) {
        throw new IOException("a new socket has no room");
      }
    } catch (ErrnoException e) {
      try (UnixSocket.Inbox inbox =
          new UnixSocket.Inbox(LinkMessages.MAX_BYTES, LinkMessages.MOST_FDS)) {
        if (LinkMessages.peek(inbox, socket, links.spares()) > 0
            && inbox.message().get() == LinkMessages.REJECT) {
          throw new SanUnavailableException(LinkMessages.reason(inbox.message()));
        }
      }
      throw e;
    }
  }

  /**
   * A socket on which the server has not said yet who it is; then, its link being asked for a
   * permit.
   */
  private final class Dial implements EventLoop.Handler, Runnable {
    final InetSocketAddress remote;
    final int socket;
    // guarded by the dialler
    final WaitingQueue<ShmConnection> waiting = new WaitingQueue<>();

    // of the node's thread

    /** The wire by which the server rings us; with it the link counts. */
    private OwnWire wire;

    private PeerBells peer;

    /** Whose the socket, and all the rest, is in the end. */
    private ClientLink link;

    private boolean closed;

    /** Who has waited in vain, and for what: to be told by {@link #run}. */
    private Iterable<ShmConnection> failed = List.of();

    private Throwable cause;

    Dial(InetSocketAddress remote, int socket) {
      this.remote = remote;
      this.socket = socket;
    }

    @Override
    public void ready(int events) {
      if (link != null) {
        handOver();
        return;
      }
      UnixSocket.Inbox inbox = links.inbox();
      ClientLink towards;
      try {
        int length = LinkMessages.peek(inbox, socket, links.spares());
        if (length < 0) {
          return;
        }
        if (length == 0) {
          throw new SanUnavailableException(Reason.PEER_GONE);
        }
        towards = welcome(inbox);
      } catch (IOException | RuntimeException | Error e) {
        // Before another thread closes the socket: of what is in it these would be the last then.
        inbox.closeFds();
        // The next may dial at once, whatever becomes of this.
        failed = finished(remote);
        cause = e;
        if (link == null && !closed) {
          close(this); // Who is told needs a descriptor for TCP: perhaps this one.
        } else {
          run();
        }
        return;
      } finally {
        inbox.closeFds(); // No spares are taken back here: TCP may need the descriptors.
      }
      try {
        towards.askPermit(remote);
      } catch (RuntimeException | Error e) {
        notPermitted(remote, new IOException(e));
        throw e;
      }
    }

    /** Tells those who have waited. On the thread that has closed the socket. */
    @Override
    public void run() {
      SanUnavailableException why =
          cause instanceof SanUnavailableException known
              ? known
              : new SanUnavailableException(Reason.PEER_GONE, Log.cause(cause), cause);
      fail(failed, why);
    }

    private void close(Runnable then) {
      closed = true;
      links.loop().forget(socket);
      if (wire != null) {
        links.loop().forget(wire.fd());
        wire.close();
        links.bounds().giveLinkBack();
      }
      if (peer != null) {
        peer.close();
      }
      links.closer().close(socket, then);
    }

    private ClientLink welcome(UnixSocket.Inbox inbox) throws IOException {
      ByteBuffer message = inbox.message();
      byte type = message.get();
      if (type == LinkMessages.REJECT) {
        throw new SanUnavailableException(LinkMessages.reason(message));
      }
      if (type != LinkMessages.WELCOME) {
        throw new IOException("message of type " + type + " instead of a welcome");
      }
      byte[] id = LinkMessages.id(message);
      Credentials server = UnixSocket.peer(socket);
      synchronized (Dialler.this) {
        ClientLink known = linksByServer.get(Links.text(id));
        if (known != null && known.leadsTo(id, server)) {
          close(null);
          return known;
        }
        int[] fds = inbox.fds();
        peer = new PeerBells(links, fds[0], fds[1]);
        fds[1] = -1;
        inbox.skip(socket);
        if (!links.takeLink()) {
          throw new SanUnavailableException(Reason.DESCRIPTORS);
        }
        boolean counted = false;
        try {
          wire = OwnWire.ofSeat0();
          counted = true;
        } finally {
          if (!counted) {
            links.bounds().giveLinkBack();
          }
        }
        if (!links.spares().takeBack()) {
          throw new SanUnavailableException(Reason.DESCRIPTORS); // It could not write, either.
        }
        links.loop().listenTo(wire);
        links.introduce(socket, LinkMessages.board(), wire);
        ClientLink made = new ClientLink(links, socket, peer, wire, id, server, Dialler.this);
        links.addLink(made);
        link = made;
        linksByServer.put(Links.text(id), made);
        handOver();
        return made;
      }
    }

    private void handOver() {
      links.loop().watchFor(socket, link, Epoll.EPOLLIN);
    }
  }

  @Override
  public void permitted(ClientPermit permit) {
    permits.put(permit.destination(), permit);
    for (ShmConnection connection : finished(permit.destination())) {
      try {
        permit.link().request(connection, permit);
      } catch (RuntimeException | Error e) {
        connection.fail(new IOException(e));
      }
    }
  }

  @Override
  public void notPermitted(InetSocketAddress destination, IOException why) {
    fail(finished(destination), why);
  }

  private static void fail(Iterable<ShmConnection> connections, IOException why) {
    for (ShmConnection connection : connections) {
      connection.fail(why);
    }
  }

  private synchronized Iterable<ShmConnection> finished(InetSocketAddress destination) {
    Dial dial = dials.remove(destination);
    return dial == null ? List.of() : dial.waiting;
  }

  @Override
  public void revoked(ClientLink link, int id, InetSocketAddress destination) {
    ClientPermit known = permits.get(destination);
    if (known != null && known.link() == link && known.id() == id) {
      permits.remove(destination, known);
    }
  }

  @Override
  public void linkDied(ClientLink link) {
    permits.values().removeIf(permit -> permit.link() == link);
    synchronized (this) {
      linksByServer.remove(Links.text(link.serverId()), link);
    }
  }
}
