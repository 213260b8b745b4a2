package io.twinport.shm;

import io.twinport.config.Log;
import io.twinport.posix.Credentials;
import io.twinport.posix.ErrnoException;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The server's end of a link: answers for segments and attachments, and takes requests. */
final class ServerLink extends Link {
  /** A listener that the client may send requests to, for one concrete address. */
  record Attachment(
      int id,
      ServerLink link,
      ControlSegment segment,
      int slot,
      ShmListener listener,
      InetSocketAddress local,
      InetAddress remoteHost) {

    // By identity: a listener with thousands of them finds one at once.
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    /**
     * Says which seat the client has to ring. The caller holds the listener's lock, so the link is
     * alive.
     */
    void seat(int number) {
      Memory.putLongRelease(segment.ownSlot(slot) + LinkLayout.READ_SEAT, number);
    }
  }

  /** More than a client has destinations in this process. */
  private static final int MOST_ATTACHMENTS = 65_536;

  private final byte[] clientId;
  private final Credentials client;
  private final Map<Integer, Attachment> attachments = new ConcurrentHashMap<>();

  ServerLink(Node node, int socket, Peer peer, OwnWire wire, byte[] clientId, Credentials client) {
    super(node, socket, peer, wire);
    this.clientId = clientId;
    this.client = client;
  }

  // -- messages from the client

  @Override
  void onMessage(byte type, ByteBuffer message, int[] fds) throws IOException {
    switch (type) {
      case LinkMessages.SEGMENT ->
          newSegment(LinkMessages.number(message), LinkMessages.number(message), fds[0]);
      case LinkMessages.DROP_SEGMENT -> dropSegment(LinkMessages.number(message));
      case LinkMessages.ATTACH ->
          attach(
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
    int portBase = node.ports().take(slots);
    if (portBase < 0) {
      send(LinkMessages.numbers(LinkMessages.SEGMENT_REFUSED, id, Reason.PORTS.onWire()));
      return;
    }
    long peerHalf = 0;
    long[] own = new long[1];
    OwnMemory memory = null;
    boolean done = false;
    try {
      memory = node.newHalf(bytes, own);
      if (memory == null) {
        send(LinkMessages.numbers(LinkMessages.SEGMENT_REFUSED, id, Reason.MEMORY.onWire()));
        return;
      }
      peerHalf = node.ranges().mapReadOnly(fd, bytes);
      ControlSegment segment =
          new ControlSegment(this, id, slots, memory, own[0], peerHalf, portBase);
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
        node.ports().giveBack(portBase, slots);
        if (memory != null) {
          giveUp(memory, own[0]);
        }
        if (peerHalf != 0) {
          node.ranges().retire(peerHalf, bytes);
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
        || attachments.values().stream().anyMatch(a -> a.segment == segment)
        || !segment.closeIfEmpty()) {
      throw new IOException("segment " + id + " can't be dropped");
    }
    removeSegment(segment);
    retire(segment);
  }

  @Override
  void retire(ControlSegment segment) throws IOException {
    super.retire(segment);
    node.ports().giveBack(segment.portBase, segment.slots);
  }

  private void attach(int id, int segmentId, int slot, InetSocketAddress destination)
      throws IOException {
    if (isRepeated()) {
      Attachment begun = attachments.get(id);
      if (begun != null) {
        forget(begun);
      }
    }
    ControlSegment segment = segment(segmentId);
    if (segment == null
        || slot < 0
        || slot >= segment.slots
        || attachments.containsKey(id)
        || attachments.size() >= MOST_ATTACHMENTS) {
      throw new IOException("attachment " + id);
    }
    ShmListener listener = node.listeners().find(destination);
    Reason refusal =
        listener == null
            ? Reason.NO_TWIN
            : !node.addresses().isLocal(destination.getAddress())
                ? Reason.NOT_LOCAL
                : listener.condition().check(destination);
    if (refusal == null) {
      refusal = attach(id, segment, slot, listener, destination);
    }
    if (refusal != null) {
      send(LinkMessages.numbers(LinkMessages.NOT_ATTACHED, id, refusal.onWire()));
    }
  }

  /** Returns null once attached, or why not. */
  private Reason attach(
      int id,
      ControlSegment segment,
      int slot,
      ShmListener listener,
      InetSocketAddress destination) {
    InetAddress remoteHost;
    try {
      remoteHost = node.sourceFor(destination);
    } catch (IOException e) {
      Log.debug(() -> "shm: no route to " + destination + ": " + Log.cause(e));
      return Reason.NOT_LOCAL;
    }
    Attachment attachment =
        new Attachment(id, this, segment, slot, listener, destination, remoteHost);
    if (!keep(attachment)) {
      node.makeRoomInHeap(Bounds.ATTACHMENT_HEAP);
      return Reason.MEMORY;
    }
    if (listener.attach(attachment)) {
      return null;
    }
    remove(attachment);
    return Reason.NO_TWIN;
  }

  private boolean keep(Attachment attachment) {
    if (!node.bounds().heap.tryReserve(Bounds.ATTACHMENT_HEAP)) {
      return false;
    }
    boolean kept = false;
    try {
      attachments.put(attachment.id, attachment);
      kept = true;
      return true;
    } finally {
      if (!kept) {
        node.bounds().heap.release(Bounds.ATTACHMENT_HEAP);
      }
    }
  }

  /** Returns whether it was there. */
  private boolean remove(Attachment attachment) {
    boolean removed = attachments.remove(attachment.id, attachment);
    if (removed) {
      node.bounds().heap.release(Bounds.ATTACHMENT_HEAP);
    }
    return removed;
  }

  private void forget(Attachment attachment) {
    attachment.listener.forget(attachment);
    remove(attachment);
  }

  @Override
  long heapBytes() {
    return super.heapBytes() + (long) attachments.size() * Bounds.ATTACHMENT_HEAP;
  }

  /**
   * Tells the client. The caller holds the listener's lock, so that {@link #detach} tells it
   * afterwards.
   */
  void attached(Attachment attachment) {
    send(LinkMessages.number(LinkMessages.ATTACHED, attachment.id));
  }

  /** The listener has closed. */
  void detach(Attachment attachment) {
    ByteBuffer message = LinkMessages.number(LinkMessages.DETACHED, attachment.id);
    if (remove(attachment)) {
      send(message);
    }
  }

  // -- events

  @Override
  void onEvent(ControlSegment segment, int slot, boolean again) {
    long state = Memory.getLongAcquire(segment.peerSlot(slot) + LinkLayout.STATE);
    int generation = LinkLayout.generation(state);
    ShmConnection connection = segment.connection(slot);
    if (connection != null) {
      connection.onEvent();
      connection = segment.connection(slot);
    }
    if ((state & LinkLayout.REQUESTED) == 0) {
      return;
    }
    long verdict = Memory.getLong(segment.ownSlot(slot) + LinkLayout.VERDICT);
    if (LinkLayout.generation(verdict) != generation) {
      if (connection == null) {
        request(segment, slot, generation, again);
      }
    } else if (LinkLayout.code(verdict) == LinkLayout.ADMITTED) {
      // an Error has stopped whoever was deciding
      request(segment, slot, generation, true);
    } else if (again) {
      answered(segment, slot, generation, true);
    }
  }

  private void request(ControlSegment segment, int slot, int generation, boolean again) {
    long verdict = decide(segment, slot, generation);
    if (LinkLayout.code(verdict) != LinkLayout.CONFIRMED) {
      ShmConnection begun = segment.connection(slot);
      if (begun != null) {
        begun.drop();
      }
    }
    Memory.putLongRelease(segment.ownSlot(slot) + LinkLayout.VERDICT, verdict);
    Memory.fullFence();
    answered(segment, slot, generation, again);
  }

  private long decide(ControlSegment segment, int slot, int generation) {
    long theirs = segment.peerSlot(slot);
    Attachment attachment = attachments.get(Memory.getInt(theirs + LinkLayout.ATTACHMENT));
    if (attachment == null) {
      return LinkLayout.verdict(generation, LinkLayout.NO_LISTENER, 0);
    }
    InetSocketAddress remote = remoteAddress(attachment, segment, slot, theirs);
    boolean chosen = remote != null && isChosen(remote, segment, slot);
    if (remote == null
        || !attachment.listener.condition().isFree(remote)
        || (chosen
            ? !node.takeRemote(remote, segment.ownSlot(slot))
            : node.isTakenRemote(remote))) {
      return LinkLayout.verdict(generation, LinkLayout.USE_TCP, Reason.BOUND_ADDRESS.onWire());
    }
    long verdict = attachment.listener.admit(attachment, segment, slot, generation, remote);
    if (chosen && LinkLayout.code(verdict) != LinkLayout.CONFIRMED) {
      node.giveRemoteBack(remote, segment.ownSlot(slot));
    }
    return verdict;
  }

  /** Tells both sides of a verdict. */
  private void answered(ControlSegment segment, int slot, int generation, boolean again) {
    long theirs = segment.peerSlot(slot);
    Attachment attachment =
        segment.connection(slot) == null
            ? null
            : attachments.get(Memory.getInt(theirs + LinkLayout.ATTACHMENT));
    if (attachment != null) {
      attachment.listener.tellAdmitted(again);
    }
    // the client stores its arm, makes a full fence and looks for the verdict before it sleeps
    if (Memory.getLongAcquire(theirs + LinkLayout.CONNECT_ARM) == generation) {
      notifyPeer(segment, slot, (int) Memory.getLongAcquire(theirs + LinkLayout.READ_SEAT));
    }
  }

  /**
   * The client's address: the one routing gives it and the slot's port, or what it has bound, if
   * that is an address of this host and a port it may have. Null if it may not.
   */
  private InetSocketAddress remoteAddress(
      Attachment attachment, ControlSegment segment, int slot, long theirs) {
    int port = Memory.getInt(theirs + LinkLayout.PORT);
    int length = Memory.getInt(theirs + LinkLayout.FAMILY);
    if (port == 0) {
      return length != 0
          ? null
          : new InetSocketAddress(attachment.remoteHost, segment.portBase + slot);
    }
    if (port < (client.uid() == 0 ? 1 : 1024) || port > 65535) {
      return null;
    }
    InetAddress host = attachment.remoteHost;
    if (length != 0) {
      host = boundAddress(theirs, length);
      if (host == null || !node.addresses().isLocal(host)) {
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
      node.giveRemoteBack(remote, segment.ownSlot(slot));
    }
  }

  private static InetAddress boundAddress(long theirs, int length) {
    if (length != 4 && length != 16) {
      return null;
    }
    byte[] bytes = new byte[length];
    Memory.copy(theirs + LinkLayout.ADDRESS, bytes, 0, length);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (IOException e) {
      throw new AssertionError("4 and 16 bytes are addresses", e);
    }
  }

  @Override
  void onDeath() {
    for (Attachment attachment : attachments.values()) {
      forget(attachment);
    }
  }

  @Override
  void tellOfDeath() {
    // Who has asked finds the link dead himself.
  }

  @Override
  public String toString() {
    return "link to client " + Node.text(clientId);
  }
}
