package io.twinport.shm.connection;

import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.link.OwnWire;
import io.twinport.host.BacklogFull;
import io.twinport.host.LocalAddresses;
import io.twinport.host.QueueListener;
import io.twinport.posix.Credentials;
import io.twinport.posix.Memory;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/** A client's and a server's end, and a request that stands in shared memory. */
final class Requests {
  private static final int ID = 7;
  private static final int PORT_BASE = 20_000;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final InetSocketAddress LOCAL = new InetSocketAddress(LOOPBACK, 9);
  private static final Credentials SELF = new Credentials(1, 0, 0);
  private static final OwnWire WIRE = Places.wire();

  private static final Connects CONNECTS = new Connects(Places.LINKS.loop(), 1_000);
  private static final ClientAddresses ADDRESSES = addresses();

  private static final PermitHolder NOBODY =
      new PermitHolder() {
        @Override
        public void permitted(ClientPermit permit) {}

        @Override
        public void notPermitted(InetSocketAddress destination, IOException why) {}

        @Override
        public void revoked(ClientLink link, int id, InetSocketAddress destination) {}

        @Override
        public void linkDied(ClientLink link) {}

        @Override
        public void lookUpAgain(ShmConnection connection) {}
      };

  private static final Directory NONE =
      new Directory() {
        @Override
        public ShmListener find(InetSocketAddress destination) {
          return null;
        }

        @Override
        public void remove(ShmListener listener) {}
      };

  static final Places<Requests> ALL = new Places<>(seat -> new Requests());

  private final ClientLink client =
      new ClientLink(
          Places.LINKS, -1, Places.PEER, WIRE, new byte[LinkMessages.ID_BYTES], SELF, NOBODY);
  private final ServerLink server =
      new ServerLink(
          Places.LINKS,
          -1,
          Places.PEER,
          WIRE,
          new byte[LinkMessages.ID_BYTES],
          SELF,
          NONE,
          ADDRESSES);
  private final ControlSegment clients;
  private final ControlSegment servers;
  private final Map<Integer, ServerPermit> permits;
  private int generation;

  /** Of the last request. */
  ShmConnection connection;

  ShmListener listener;

  private Requests() {
    long one = Places.half();
    long other = Places.half();
    clients = new ControlSegment(client, 0, 1, null, one, other, PORT_BASE);
    servers = new ControlSegment(server, 0, 1, null, other, one, PORT_BASE);
    client.addSegment(clients);
    server.addSegment(servers);
    permits = permits(server);
  }

  private static ClientAddresses addresses() {
    try {
      return new ClientAddresses(new LocalAddresses());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<Integer, ServerPermit> permits(ServerLink of) {
    try {
      Field field = ServerLink.class.getDeclaredField("permits");
      field.setAccessible(true);
      return (Map<Integer, ServerPermit>) field.get(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One more request, which nobody has heard of. */
  Requests anew() {
    clear();
    listener = new ShmListener(NONE, Places.LINKS.bounds().memory, LOCAL, 1, BacklogFull.REFUSE, destination -> null);
    permits.put(
        ID, new ServerPermit(ID, server, servers, 0, listener, LOCAL, LOOPBACK));
    generation++;
    connection = new ShmConnection(LOCAL, null);
    connection.dialledBy(CONNECTS);
    Claims none = new Claims(clients, 0);
    none.close(); // The permit has no slot of its own here.
    ClientPermit to = new ClientPermit(ID, client, clients, 0, LOCAL, LOOPBACK, none);
    if (!connection.request(client, clients, 0, generation, to)) {
      throw new IllegalStateException("no request");
    }
    clients.push(0);
    return this;
  }

  private void clear() {
    try {
      server.poll(true);
      client.poll(true);
      servers.occupant(0, null);
      if (connection != null) {
        client.sweep();
      }
      clients.occupant(0, null);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The server takes what was pushed. */
  void heard() {
    server.poll(true);
  }

  int verdict() {
    return Request.code(servers.ownSlot(0), generation);
  }

  /** Whether the server's end was reset. */
  boolean isReset() {
    long state = Memory.getLongAcquire(servers.ownSlot(0) + LinkLayout.STATE);
    return LinkLayout.generation(state) == generation && (state & LinkLayout.RESET) != 0;
  }

  /** Takes a connection, as {@link QueueListener#accept} does; whether there was one. */
  boolean accept() {
    try {
      SanConnection accepted = listener.accept();
      return accepted != null;
    } catch (IOException e) {
      return false; // It is closed.
    }
  }
}
