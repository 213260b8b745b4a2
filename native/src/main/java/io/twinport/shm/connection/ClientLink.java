package io.twinport.shm.connection;

import io.twinport.config.Hints;
import io.twinport.config.Log;
import io.twinport.posix.Credentials;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.link.Link;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.link.Links;
import io.twinport.shm.link.OwnWire;
import io.twinport.shm.link.PeerBells;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.memory.OwnMemory;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The client's end of a link: gives out slots, and asks the server for segments and permits. */
public final class ClientLink extends Link {
  /** A segment that the server has not answered for. */
  private record Asked(int slots, OwnMemory memory, long own) {}

  /** Someone who needs a slot. */
  interface SlotUser extends WaitingQueue.Waiter {
    /** Uses a slot that has just been taken. */
    void slot(ControlSegment segment, int slot, int generation);

    void failed(IOException why);
  }

  /**
   * How long a request waits for a listener that is awake before the server's own thread is rung.
   */
  private static final long ANSWER_NANOS = 20_000;

  /**
   * Looks for the answer, about two microseconds long, before the processor is offered to others.
   */
  private static final int LOOKS_WITHOUT_YIELD = 40;

  private static final boolean MANY_PROCESSORS = Runtime.getRuntime().availableProcessors() > 1;

  private final PermitHolder holder;

  /** Those that this link brings. */
  final ClientPermits permits;

  private final byte[] serverId;
  private final Credentials server;
  final boolean toSelf;

  // guarded by slotLock
  private final Object slotLock = new Object();
  private final List<Slots> slots = new ArrayList<>();
  private final WaitingQueue<SlotUser> waiting = new WaitingQueue<>();
  private final Map<Integer, Asked> asked = new HashMap<>();
  private final Set<ShmConnection> lingering = new LinkedHashSet<>();
  int nextSegmentId;

  /** Takes over all that it is given, once it is made. */
  public ClientLink(
      Links links,
      int socket,
      PeerBells peerBells,
      OwnWire wire,
      byte[] serverId,
      Credentials server,
      PermitHolder holder) {
    super(links, socket, peerBells, wire);
    this.holder = holder;
    this.permits = new ClientPermits(this, holder);
    this.serverId = serverId;
    this.server = server;
    this.toSelf = Arrays.equals(serverId, links.id());
  }

  /** Who has the permits that this link brings. */
  PermitHolder holder() {
    return holder;
  }

  @Override
  public int peerPid() {
    return server.pid();
  }

  public byte[] serverId() {
    return serverId;
  }

  /**
   * Whether this is a link to the process that says {@code id}: an id can be told to others, what
   * the kernel says can't.
   */
  public boolean leadsTo(byte[] id, Credentials process) {
    return !isDead() && Arrays.equals(serverId, id) && server.equals(process);
  }

  // -- slots

  /** Puts the connection's request on this link, at once if there is a free slot. */
  public void request(ShmConnection connection, ClientPermit permit) {
    withSlot(
        new SlotUser() {
          @Override
          public void slot(ControlSegment segment, int slot, int generation) {
            // for this thread: the connection may be over while we still ring
            if (!retain()) {
              failed(new SanUnavailableException(Reason.PEER_GONE));
              return;
            }
            boolean decided = false;
            try {
              if (connection.request(ClientLink.this, segment, slot, generation, permit)) {
                decided = true;
                ring(connection, permit, segment, slot);
              } else {
                decided = true;
                freeSlot(segment, slot);
                if (isDead()) {
                  failed(new SanUnavailableException(Reason.PEER_GONE));
                }
              }
            } catch (Throwable e) {
              if (!connection.wasConnected()) {
                throw e;
              }
              links.owed = true; // It is connected. A sweep tells the server.
            } finally {
              if (!decided && connection.takeBack(segment, slot)) {
                freeSlot(segment, slot);
              }
              release();
            }
          }

          @Override
          public void failed(IOException why) {
            connection.fail(why);
          }

          @Override
          public boolean isWanted() {
            return connection.isWanted();
          }
        });
  }

  /**
   * Tells the server of a request: whoever waits at the listener is rung if he sleeps. If he is
   * awake he may be about to look, or busy with something else for long: a few microseconds decide
   * whether the server's own thread is asked.
   */
  private void ring(
      ShmConnection connection, ClientPermit permit, ControlSegment segment, int slot) {
    if (isDead()) {
      // it died when this connection could not be found in its slot yet
      connection.onEvent();
      if (connection.wasConnected()) {
        connection.tellConnected();
      }
      return;
    }
    if (connection.wasConnected()) {
      announce(connection, permit, segment, slot);
      return;
    }
    // The request stands in shared memory: see ControlSegment.push() for what the fence is for.
    Memory.fullFence();
    int seat = permit.seat();
    if (segment.notifyPeer(slot, seat)) {
      return;
    }
    if (toSelf) {
      links.pollAll();
      return;
    }
    if (!isAnsweredSoon(connection)) {
      peerBells().wake(0);
    }
  }

  /**
   * Tells the server of a connection that has its place already: nobody waits for an answer. The
   * event comes before the look for who waits at the listener: whoever begins to wait there stores
   * his seat, makes a full fence and looks at the rings. So either we see the seat, or he sees the
   * event.
   */
  private void announce(
      ShmConnection connection, ClientPermit permit, ControlSegment segment, int slot) {
    segment.push(slot); // The claim was made with a full fence.
    Memory.fullFence();
    peerBells().wake(permit.seat());
    connection.tellConnected();
    if (toSelf) {
      links.pollAll(); // We are the server's process, and awake.
    }
  }

  /**
   * Gives a listener that is awake a moment to look. It is offered this processor, too: it may be
   * waiting for it, and if it is not, that costs little. Nothing depends on what the scheduler
   * makes of the offer.
   */
  private static boolean isAnsweredSoon(ShmConnection connection) {
    long end = System.nanoTime() + ANSWER_NANOS;
    for (int looks = 1; connection.readyEvents(NetworkEvent.CONNECT) == 0; looks++) {
      if (looks < LOOKS_WITHOUT_YIELD && MANY_PROCESSORS) {
        Hints.onSpinWait();
      } else {
        Hints.yieldCore();
        if (System.nanoTime() - end >= 0) {
          return connection.readyEvents(NetworkEvent.CONNECT) != 0;
        }
      }
    }
    return true;
  }

  private void withSlot(SlotUser user) {
    if (tryTake(user) || (reclaim() && tryTake(user))) {
      return;
    }
    IOException failure = null;
    synchronized (slotLock) {
      if (isDead()) {
        failure = new SanUnavailableException(Reason.PEER_GONE);
      } else {
        try {
          // slots that have become free since we looked are found again when the new segment has
          // come
          if (asked.isEmpty()) {
            askForSegment();
          }
          waiting.add(user);
        } catch (IOException e) {
          failure = e;
        }
      }
    }
    if (failure != null) {
      user.failed(failure);
    }
  }

  private boolean tryTake(SlotUser user) {
    ControlSegment segment;
    int slot;
    int generation;
    synchronized (slotLock) {
      Slots free = isDead() ? null : findFree();
      if (free == null) {
        return false;
      }
      segment = free.segment;
      slot = free.take();
      generation = free.generation(slot);
    }
    user.slot(segment, slot, generation);
    return true;
  }

  /** Every slot's next use has the generation behind this one. For tests of the last. */
  void startGenerationsAt(int generation) {
    synchronized (slotLock) {
      for (Slots some : slots) {
        some.startGenerationsAt(generation);
      }
    }
  }

  private Slots findFree() {
    for (Slots candidate : slots) {
      if (!candidate.isEmpty()) {
        candidate.emptyAtLastSweep = false;
        return candidate;
      }
    }
    return null;
  }

  /**
   * Ends closed connections that the server is done with; true if any has ended. A connection's
   * monitor is taken before the slot lock, never inside it.
   */
  private boolean reclaim() {
    List<ShmConnection> candidates;
    synchronized (slotLock) {
      candidates = new ArrayList<>(lingering);
    }
    boolean any = false;
    for (ShmConnection candidate : candidates) {
      if (candidate.tryEnd()) {
        any = true;
        synchronized (slotLock) {
          lingering.remove(candidate);
        }
      }
    }
    return any;
  }

  /** A closed connection, or a withdrawn request, whose slot the server still needs. */
  void linger(ShmConnection connection) {
    synchronized (slotLock) {
      lingering.add(connection);
    }
    links.wantSweep();
  }

  void freeSlot(ControlSegment segment, int slot) {
    synchronized (slotLock) {
      for (Slots candidate : slots) {
        if (candidate.segment == segment) {
          candidate.put(slot);
          return;
        }
      }
    }
  }

  /** Creates the own half of a new segment, twice as large as the last, and sends it. */
  private void askForSegment() throws IOException {
    int count =
        slots.isEmpty()
            ? LinkLayout.MIN_SLOTS
            : Math.min(2 * slots.get(slots.size() - 1).segment.slots, LinkLayout.MAX_SLOTS);
    int bytes = LinkLayout.halfBytes(count);
    long[] own = new long[1];
    OwnMemory memory = newHalf(bytes, own);
    if (memory == null) {
      throw new SanUnavailableException(Reason.MEMORY);
    }
    boolean sent = false;
    try {
      int id = freeSegmentId();
      ByteBuffer message = LinkMessages.numbers(LinkMessages.SEGMENT, id, count);
      asked.put(id, new Asked(count, memory, own[0]));
      sent = true;
      send(message, memory.takePeers());
    } finally {
      if (!sent) {
        giveUp(memory, own[0]);
      }
    }
  }

  private int freeSegmentId() {
    int id = nextSegmentId;
    while (id < 0 || id >= LinkLayout.SEGMENT_IDS || segment(id) != null || asked.containsKey(id)) {
      id = id < 0 || id >= LinkLayout.SEGMENT_IDS ? 0 : id + 1;
    }
    nextSegmentId = id + 1;
    return id;
  }

  // -- messages from the server

  /** Asks for a permit for {@code destination}; the holder hears of the outcome. */
  public void askPermit(InetSocketAddress destination) {
    withSlot(permits.asking(destination));
  }

  /** Sends the question for a permit. */
  void ask(ByteBuffer message) {
    send(message);
  }

  @Override
  protected void onMessage(byte type, ByteBuffer message, int[] fds) throws IOException {
    int number = LinkMessages.number(message);
    switch (type) {
      case LinkMessages.SEGMENT_READY -> segmentReady(number, LinkMessages.number(message), fds[0]);
      case LinkMessages.SEGMENT_REFUSED -> segmentRefused(number, LinkMessages.reason(message));
      case LinkMessages.PERMITTED -> permits.permitted(number);
      // Read to its end first: what it is about is told of a message that is cut short, too.
      case LinkMessages.NOT_PERMITTED -> permits.notPermitted(number, LinkMessages.reason(message));
      case LinkMessages.REVOKED -> permits.revoked(number, isRepeated());
      default -> throw new IOException("message of type " + type);
    }
  }

  private void segmentReady(int id, int portBase, int fd) throws IOException {
    synchronized (slotLock) {
      Asked question = asked.get(id);
      if (question == null && isRepeated()) {
        serveWaiting();
        return;
      }
      if (question == null
          || portBase < 1024
          || portBase + question.slots > 65536
          || !Posix.isSharable(fd, LinkLayout.halfBytes(question.slots))) {
        throw new IOException("segment " + id + " with port " + portBase + " was not asked for");
      }
      int bytes = LinkLayout.halfBytes(question.slots);
      long peerHalf = links.ranges().mapReadOnly(fd, bytes);
      ControlSegment segment = null;
      boolean done = false;
      try {
        segment =
            new ControlSegment(
                this, id, question.slots, question.memory, question.own, peerHalf, portBase);
        addSegment(segment);
        slots.add(new Slots(segment));
        asked.remove(id);
        done = true;
      } finally {
        if (!done) {
          if (segment != null) {
            removeSegment(segment);
          }
          links.ranges().retire(peerHalf, bytes);
        }
      }
    }
    serveWaiting();
  }

  /** Those for whom it is not enough ask for the next segment. */
  private void serveWaiting() {
    int count;
    synchronized (slotLock) {
      count = waiting.size();
    }
    for (SlotUser next = null; count > 0 && (next = nextWaiting()) != null; count--) {
      try {
        withSlot(next);
      } catch (Error | RuntimeException e) {
        next.failed(new IOException(e));
        throw e;
      }
    }
  }

  private SlotUser nextWaiting() {
    synchronized (slotLock) {
      return waiting.poll();
    }
  }

  private void segmentRefused(int id, Reason reason) throws IOException {
    synchronized (slotLock) {
      Asked question = asked.remove(id);
      if (question == null && !isRepeated()) {
        throw new IOException("segment " + id + " was not asked for");
      }
      if (question != null) {
        giveUp(question.memory, question.own);
      }
    }
    failWaiting(reason);
  }

  private void failWaiting(Reason reason) {
    for (SlotUser next = firstWaiting(); next != null; next = firstWaiting()) {
      next.failed(new SanUnavailableException(reason));
      synchronized (slotLock) {
        waiting.remove(next);
      }
    }
  }

  private SlotUser firstWaiting() {
    synchronized (slotLock) {
      return waiting.peek();
    }
  }

  // -- events

  @Override
  protected void onEvent(ControlSegment segment, int slot, boolean again) {
    if (segment.occupant(slot) instanceof ShmConnection connection) {
      connection.onEvent();
    }
  }

  @Override
  protected void onDeath() {
    synchronized (slotLock) {
      Iterator<Asked> questions = asked.values().iterator();
      while (questions.hasNext()) {
        Asked question = questions.next();
        questions.remove();
        try {
          giveUp(question.memory, question.own);
        } catch (IOException e) {
          Log.warn("shm: memory of a link could not be given back: " + Log.cause(e));
        }
      }
    }
    holder.linkDied(this);
  }

  @Override
  protected void tellOfDeath() {
    permits.linkDied();
    failWaiting(Reason.PEER_GONE);
  }

  @Override
  protected boolean sweep() throws IOException {
    boolean more = super.sweep();
    reclaim();
    List<ControlSegment> empty = new ArrayList<>();
    synchronized (slotLock) {
      more |= !lingering.isEmpty();
      for (int i = slots.size() - 1; i > 0; i--) {
        Slots candidate = slots.get(i);
        if (!candidate.isComplete()) {
          continue;
        }
        more = true;
        if (candidate.emptyAtLastSweep) {
          slots.remove(i);
          empty.add(candidate.segment);
        } else {
          candidate.emptyAtLastSweep = true;
        }
      }
    }
    for (ControlSegment segment : empty) {
      removeSegment(segment);
      send(LinkMessages.number(LinkMessages.DROP_SEGMENT, segment.id));
      retire(segment);
    }
    return more;
  }

  @Override
  public String toString() {
    return "link to server " + Links.text(serverId);
  }
}
