package io.twinport.shm.connection;

import io.twinport.config.Log;
import io.twinport.posix.Credentials;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.link.Link;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.link.Links;
import io.twinport.shm.link.Occupant;
import io.twinport.shm.link.OwnWire;
import io.twinport.shm.link.PeerBells;
import io.twinport.shm.memory.Bounds;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.memory.OwnMemory;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The server's end of a link: answers for segments and permits, and takes requests. */
public final class ServerLink extends Link {
  /** More than a client has destinations in this process. */
  private static final int MOST_PERMITS = 65_536;

  private final Directory directory;
  private final ClientAddresses addresses;
  private final byte[] clientId;
  private final Credentials client;
  private final Map<Integer, ServerPermit> permits = new ConcurrentHashMap<>();

  /** Takes over all that it is given, once it is made. */
  public ServerLink(
      Links links,
      int socket,
      PeerBells peerBells,
      OwnWire wire,
      byte[] clientId,
      Credentials client,
      Directory directory,
      ClientAddresses addresses) {
    super(links, socket, peerBells, wire);
    this.directory = directory;
    this.addresses = addresses;
    this.clientId = clientId;
    this.client = client;
  }

  @Override
  public int peerPid() {
    return client.pid();
  }

  // -- messages from the client

  @Override
  protected void onMessage(byte type, ByteBuffer message, int[] fds) throws IOException {
    switch (type) {
      case LinkMessages.SEGMENT ->
          newSegment(LinkMessages.number(message), LinkMessages.number(message), fds[0]);
      case LinkMessages.DROP_SEGMENT -> dropSegment(LinkMessages.number(message));
      case LinkMessages.ASK_PERMIT ->
          permit(
              LinkMessages.number(message),
              LinkMessages.number(message),
              LinkMessages.number(message),
              LinkMessages.destination(message));
      default -> throw new IOException("message of type " + type);
    }
  }

  private void newSegment(int id, int slots, int fd) throws IOException {
    if (slots < LinkLayout.MIN_SLOTS
        || slots > LinkLayout.MAX_SLOTS
        || (slots & (slots - 1)) != 0
        || id < 0
        || id >= LinkLayout.SEGMENT_IDS
        || (segment(id) != null && !isRepeated())
        || !Posix.isSharable(fd, LinkLayout.halfBytes(slots))) {
      throw new IOException("segment " + id + " of " + slots + " slots is not what it has to be");
    }
    if (segment(id) != null) {
      return; // Done before, up to the answer's being on its way.
    }
    int bytes = LinkLayout.halfBytes(slots);
    int portBase = addresses.blocks().take(slots);
    if (portBase < 0) {
      send(LinkMessages.numbers(LinkMessages.SEGMENT_REFUSED, id, Reason.PORTS.onWire()));
      return;
    }
    long peerHalf = 0;
    long[] own = new long[1];
    OwnMemory memory = null;
    boolean done = false;
    try {
      memory = newHalf(bytes, own);
      if (memory == null) {
        send(LinkMessages.numbers(LinkMessages.SEGMENT_REFUSED, id, Reason.MEMORY.onWire()));
        return;
      }
      peerHalf = links.ranges().mapReadOnly(fd, bytes);
      ControlSegment segment =
          new ControlSegment(this, id, slots, memory, own[0], peerHalf, portBase);
      BitSet chosen = addresses.chosenPorts(portBase, slots);
      for (int i = chosen.nextSetBit(0); i >= 0; i = chosen.nextSetBit(i + 1)) {
        mayNotClaim(segment.ownSlot(i));
      }
      ByteBuffer answer = LinkMessages.numbers(LinkMessages.SEGMENT_READY, id, portBase);
      addSegment(segment);
      done = true;
      send(answer, memory.takePeers());
    } catch (ErrnoException e) {
      // no descriptor or no mapping is left: the connections that exist get on without this one
      Log.debug(() -> "shm: no segment: " + Log.cause(e));
      send(LinkMessages.numbers(LinkMessages.SEGMENT_REFUSED, id, Reason.MEMORY.onWire()));
    } finally {
      if (!done) {
        addresses.blocks().giveBack(portBase, slots);
        if (memory != null) {
          giveUp(memory, own[0]);
        }
        if (peerHalf != 0) {
          links.ranges().retire(peerHalf, bytes);
        }
      }
    }
  }

  /** The first one stays, for pushes are counted there. */
  private void dropSegment(int id) throws IOException {
    ControlSegment segment = segment(id);
    if (segment == null && isRepeated()) {
      return;
    }
    if (segment == null
        || segment == segments()[0]
        || permits.values().stream().anyMatch(a -> a.segment() == segment)
        || !segment.closeIfEmpty()) {
      throw new IOException("segment " + id + " can't be dropped");
    }
    removeSegment(segment);
    retire(segment);
  }

  @Override
  protected void retire(ControlSegment segment) throws IOException {
    super.retire(segment);
    addresses.blocks().giveBack(segment.portBase, segment.slots);
  }

  private void permit(int id, int segmentId, int slot, InetSocketAddress destination)
      throws IOException {
    if (isRepeated()) {
      ServerPermit begun = permits.get(id);
      if (begun != null) {
        forget(begun);
      }
    }
    ControlSegment segment = segment(segmentId);
    if (segment == null
        || slot < 0
        || slot >= segment.slots
        || occupant(segment, slot) != null
        || permits.containsKey(id)
        || permits.size() >= MOST_PERMITS) {
      throw new IOException("permit " + id);
    }
    ShmListener listener = directory.find(destination);
    Reason refusal =
        listener == null
            ? Reason.NO_TWIN
            : !addresses.isLocal(destination.getAddress())
                ? Reason.NOT_LOCAL
                : listener.condition().check(destination);
    if (refusal == null) {
      refusal = grant(id, segment, slot, listener, destination);
    }
    if (refusal != null) {
      send(LinkMessages.numbers(LinkMessages.NOT_PERMITTED, id, refusal.onWire()));
    }
  }

  /**
   * Who is in a slot; null if the client may use it. A connection that has told it so may still be
   * about to leave.
   */
  private static Occupant occupant(ControlSegment segment, int slot) {
    if (segment.occupant(slot) instanceof ShmConnection last
        && (Memory.getLong(segment.ownSlot(slot) + LinkLayout.STATE) & LinkLayout.DONE) != 0) {
      last.tryEnd();
    }
    return segment.occupant(slot);
  }

  /** Returns null once granted, or why not. */
  private Reason grant(
      int id, ControlSegment segment, int slot, ShmListener listener, InetSocketAddress destination)
      throws IOException {
    InetAddress remoteHost;
    try {
      remoteHost = links.sourceFor(destination);
    } catch (IOException e) {
      Log.debug(() -> "shm: no route to " + destination + ": " + Log.cause(e));
      return Reason.NOT_LOCAL;
    }
    ServerPermit permit =
        new ServerPermit(id, this, segment, slot, listener, destination, remoteHost);
    if (!keep(permit)) {
      links.makeRoomInHeap(Bounds.PERMIT_HEAP);
      return Reason.MEMORY;
    }
    if (!segment.enter(slot, permit)) {
      remove(permit);
      throw new IOException("permit " + id + " in a slot that is used");
    }
    if (listener.add(permit)) {
      return null;
    }
    remove(permit);
    return Reason.NO_TWIN;
  }

  private boolean keep(ServerPermit permit) {
    if (!links.bounds().heap.tryReserve(Bounds.PERMIT_HEAP)) {
      return false;
    }
    boolean kept = false;
    try {
      permits.put(permit.id(), permit);
      kept = true;
      return true;
    } finally {
      if (!kept) {
        links.bounds().heap.release(Bounds.PERMIT_HEAP);
      }
    }
  }

  /** Returns whether it was there. */
  private boolean remove(ServerPermit permit) {
    permit.segment().leave(permit.slot(), permit); // Before the client gives the slot out again.
    boolean removed = permits.remove(permit.id(), permit);
    if (removed) {
      links.bounds().heap.release(Bounds.PERMIT_HEAP);
    }
    return removed;
  }

  private void forget(ServerPermit permit) {
    permit.listener().forget(permit);
    remove(permit);
  }

  @Override
  protected long heapBytes() {
    return super.heapBytes() + (long) permits.size() * Bounds.PERMIT_HEAP;
  }

  /**
   * Tells the client. The caller holds the listener's lock, so that {@link #revoke} tells it
   * afterwards.
   */
  void permitted(ServerPermit permit) {
    send(LinkMessages.number(LinkMessages.PERMITTED, permit.id()));
  }

  /** The listener has closed. */
  void revoke(ServerPermit permit) {
    ByteBuffer message = LinkMessages.number(LinkMessages.REVOKED, permit.id());
    if (remove(permit)) {
      send(message);
    }
  }

  // -- events

  @Override
  protected void onEvent(ControlSegment segment, int slot, boolean again) {
    long state = Memory.getLongAcquire(segment.peerSlot(slot) + LinkLayout.STATE);
    int generation = LinkLayout.generation(state);
    if (segment.occupant(slot) instanceof ShmConnection connection) {
      connection.onEvent();
    }
    if (Request.isPut(state) && !handle(segment, slot, generation, again) && again) {
      answered(segment, slot, generation, true);
    }
  }

  /** Handles a request that stands in a slot; returns false if it has its verdict. */
  private boolean handle(ControlSegment segment, int slot, int generation, boolean again) {
    Occupant occupant = occupant(segment, slot);
    if (occupant instanceof ServerPermit) {
      return true; // Nobody may ask there.
    }
    long verdict = Memory.getLong(segment.ownSlot(slot) + LinkLayout.VERDICT);
    if (LinkLayout.generation(verdict) != generation) {
      if (occupant == null) {
        request(segment, slot, generation, again);
      }
      return true;
    }
    if (LinkLayout.code(verdict) == Request.ADMITTED) {
      // an Error has stopped whoever was deciding
      request(segment, slot, generation, true);
      return true;
    }
    return false;
  }

  /** Has the node's thread {@link #handleAll}. */
  void handleAllSoon() {
    links
        .loop()
        .execute(
            new Runnable() {
              @Override
              public void run() {
                handleAll();
              }
            });
  }

  /** Handles each request that stands in shared memory, be it pushed or not. */
  void handleAll() {
    for (ControlSegment segment : segments()) {
      segment.handleAll();
    }
  }

  @Override
  protected void onLook(ControlSegment segment, int slot, boolean again) {
    long state = Memory.getLongAcquire(segment.peerSlot(slot) + LinkLayout.STATE);
    int generation = LinkLayout.generation(state);
    if (Request.isPut(state) && !handle(segment, slot, generation, again) && again) {
      answered(segment, slot, generation, true);
    }
  }

  /** Its client has claimed places and made no use of them, while others are refused. */
  void claimsInVain() {
    violated("claims without requests");
  }

  private void request(ControlSegment segment, int slot, int generation, boolean again) {
    long theirs = segment.peerSlot(slot);
    int permitId = Memory.getInt(theirs + LinkLayout.PERMIT);
    ServerPermit permit = permits.get(permitId);
    long claim = Math.max(0, Memory.getLong(theirs + LinkLayout.CLAIM));
    boolean comesAgain =
        permit != null && claim > permit.grant().claimed() && segment.occupant(slot) == null;
    if (permit == null || (comesAgain && !permit.equals(permits.get(permitId)))) {
      if (segment.occupant(slot) instanceof ShmConnection begun) {
        begun.drop();
      }
      Request.deny(segment.ownSlot(slot), Request.verdict(generation, Request.NO_LISTENER));
    } else if (comesAgain) {
      return; // Its client is about to claim, and pushes the event behind that.
    } else {
      decide(permit, segment, slot, generation, claim);
    }
    Memory.fullFence();
    answered(segment, slot, generation, again);
  }

  private void decide(
      ServerPermit permit, ControlSegment segment, int slot, int generation, long claim) {
    long own = segment.ownSlot(slot);
    InetSocketAddress remote = remoteAddress(permit, segment, slot, segment.peerSlot(slot));
    boolean chosen = remote != null && isChosen(remote, segment, slot);
    if (remote == null
        || !permit.listener().condition().isFree(remote)
        || (chosen ? !addresses.take(remote, own) : addresses.isTaken(remote))) {
      if (!chosen && claim > 0) {
        mayNotClaim(own);
      }
      long verdict = Request.useTcp(generation, Reason.BOUND_ADDRESS);
      permit.listener().deny(permit, segment, slot, verdict, claim);
      return;
    }
    if (!permit.listener().admit(permit, segment, slot, generation, remote, claim) && chosen) {
      addresses.giveBack(remote, own);
    }
  }

  /**
   * From now on no claims are made with a slot: its address is somebody else's, or was, and whoever
   * claims can't be sent to TCP any more.
   */
  private static void mayNotClaim(long own) {
    Memory.putLongRelease(own + LinkLayout.UNCLAIMABLE, 1);
  }

  /** A connection that its client has taken for granted is none. */
  private static void wakeWhoeverWaits(ControlSegment segment, int slot) {
    long theirs = segment.peerSlot(slot);
    if (Memory.getLongAcquire(theirs + LinkLayout.READ_ARM) != LinkLayout.NOT_ARMED) {
      segment.notifyPeer(slot, (int) Memory.getLongAcquire(theirs + LinkLayout.READ_SEAT));
    }
    if (Memory.getLongAcquire(theirs + LinkLayout.SPACE_ARM) != LinkLayout.NOT_ARMED) {
      segment.notifyPeer(slot, (int) Memory.getLongAcquire(theirs + LinkLayout.SPACE_SEAT));
    }
  }

  /** Tells both sides of a verdict. */
  private void answered(ControlSegment segment, int slot, int generation, boolean again) {
    long theirs = segment.peerSlot(slot);
    ServerPermit permit =
        segment.occupant(slot) == null
            ? null
            : permits.get(Memory.getInt(theirs + LinkLayout.PERMIT));
    if (permit != null) {
      permit.listener().tellAdmitted(again);
    } else if (Memory.getLong(theirs + LinkLayout.CLAIM) > 0) {
      wakeWhoeverWaits(segment, slot);
    }
    int seat = Request.armedSeat(theirs, generation);
    if (seat >= 0) {
      segment.notifyPeer(slot, seat);
    }
  }

  /**
   * The client's address: the one routing gives it and the slot's port, or what it has bound, if
   * that is an address of this host and a port it may have. Null if it may not.
   */
  private InetSocketAddress remoteAddress(
      ServerPermit permit, ControlSegment segment, int slot, long theirs) {
    int port = Memory.getInt(theirs + LinkLayout.PORT);
    int length = Memory.getInt(theirs + LinkLayout.FAMILY);
    if (port == 0) {
      return length != 0
          ? null
          : new InetSocketAddress(permit.remoteHost(), segment.portBase + slot);
    }
    if (port < (client.uid() == 0 ? 1 : 1024) || port > 65535) {
      return null;
    }
    InetAddress host = permit.remoteHost();
    if (length != 0) {
      host = Request.boundAddress(theirs, length);
      if (host == null || !addresses.isLocal(host)) {
        return null;
      }
    }
    return new InetSocketAddress(host, port);
  }

  /**
   * Whether the client has bound the address itself; the ports of a link's slots are nobody else's
   * in any case.
   */
  private static boolean isChosen(InetSocketAddress remote, ControlSegment segment, int slot) {
    return remote.getPort() != segment.portBase + slot;
  }

  /** A connection of this end is over. */
  void ended(InetSocketAddress remote, ControlSegment segment, int slot) {
    if (isChosen(remote, segment, slot)) {
      addresses.giveBack(remote, segment.ownSlot(slot));
    }
  }

  @Override
  protected void onDeath() {
    for (ServerPermit permit : permits.values()) {
      forget(permit);
    }
  }

  @Override
  protected void tellOfDeath() {
    // Who has asked finds the link dead himself.
  }

  @Override
  public String toString() {
    return "link to client " + Links.text(clientId);
  }
}
