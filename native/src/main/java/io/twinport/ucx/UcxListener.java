package io.twinport.ucx;

import io.twinport.config.Log;
import io.twinport.config.Settings.BacklogFull;
import io.twinport.posix.Memory;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanListener;
import io.twinport.spi.Seat;
import io.twinport.ucp.UcpException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A listener: one bounded queue of confirmed requests, and a door for each address it serves. A
 * request has its place in the queue from the moment its client is told that it may confirm; one
 * that finds all places taken is refused without an event, so nobody wakes for it (SPEC L7).
 */
final class UcxListener extends SanListener {
  /** How long a client may take for each of its two messages; it needs a round trip. */
  private static final long MESSAGE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How many clients that have said nothing yet there may be. */
  private static final int MOST_SILENT = 1_024;

  private final UcxNode node;
  private final InetSocketAddress local;
  private final int backlog;
  private final AcceptCondition condition;
  private final SanEvent event = new SanEvent();

  // guarded by the node's lock
  private final List<Door> doors = new ArrayList<>();
  private final List<Greeting> greetings = new ArrayList<>();
  private boolean warned;

  // guarded by this, which is taken inside the node's lock if both are
  private final ArrayDeque<UcxConnection> queue = new ArrayDeque<>();
  private int reserved;
  private boolean closed;

  // changed under the monitor, read without
  private volatile int queued;

  private volatile Reason refusal;

  UcxListener(UcxNode node, InetSocketAddress local, int backlog, AcceptCondition condition) {
    this.node = node;
    this.local = local;
    this.backlog = backlog;
    this.condition = condition;
  }

  /**
   * Opens a door. Node's lock held.
   *
   * @param address what clients connect to
   * @param at where UCX listens for that, which is another port over TCP
   */
  void open(InetSocketAddress address, InetSocketAddress at) throws UcpException {
    Door door = new Door(address);
    node.open(door, at);
    doors.add(door);
  }

  @Override
  public String provider() {
    return UcxProvider.NAME;
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public SanEvent event() {
    return event;
  }

  // -- requests; node's lock held

  /** An address that clients connect to. */
  final class Door {
    private final InetSocketAddress address;
    private InetSocketAddress at;
    private long number;
    private long handle;

    Door(InetSocketAddress address) {
      this.address = address;
    }

    void opened(InetSocketAddress newAt, long newNumber, long newHandle) {
      at = newAt;
      number = newNumber;
      handle = newHandle;
    }

    long number() {
      return number;
    }

    /** Of UCP. */
    long handle() {
      return handle;
    }

    /** Where UCX listens, which is another port over TCP. */
    InetSocketAddress at() {
      return at;
    }

    /** Somebody wants to connect. */
    void requested(long request) {
      try {
        InetSocketAddress client = node.clientAddress(request);
        if (client == null || isClosed() || greetings.size() >= MOST_SILENT) {
          node.turnAway(request);
          return;
        }
        Endpoint endpoint = node.accept(request);
        Greeting greeting = new Greeting(address, client, endpoint);
        greetings.add(greeting);
        endpoint.reader(greeting);
      } catch (UcpException e) {
        Log.debug(() -> "ucx: a client gave up: " + Log.cause(e));
      }
    }
  }

  /** A client that has not confirmed yet. */
  private final class Greeting implements PipeReader {
    private final InetSocketAddress destination;
    private final InetSocketAddress client;
    private final Endpoint endpoint;
    private final long message = Memory.allocate(Handshake.HELLO_BYTES);
    private int length;
    private int wanted = Handshake.HELLO_BYTES;
    private boolean placed;
    private Driver.Timer timer = node.schedule(MESSAGE_NANOS, this::abort);

    Greeting(InetSocketAddress destination, InetSocketAddress client, Endpoint endpoint) {
      this.destination = destination;
      this.client = client;
      this.endpoint = endpoint;
    }

    @Override
    public void received(long address, int available) {
      int taken = 0;
      while (taken < available && wanted > 0) {
        int part = Math.min(available - taken, wanted - length);
        Memory.copy(address + taken, message + length, part);
        length += part;
        taken += part;
        if (length == wanted) {
          length = 0;
          if (!Handshake.isOurs(message)) {
            abort();
          } else if (!placed) {
            greeted();
          } else {
            confirmed(address + taken, available - taken);
          }
        }
      }
    }

    /** HELLO has arrived. */
    private void greeted() {
      Chunk verdict = node.chunks().take();
      if (verdict == null) {
        abort();
        return;
      }
      boolean known = Handshake.version(message) == Handshake.VERSION;
      Reason tcp = known ? condition.check(destination) : Reason.WIRE_VERSION;
      if (tcp == null) {
        tcp = refusal;
      }
      if (tcp == null && reserve()) {
        placed = true;
        wanted = Handshake.CONFIRM_BYTES;
        Handshake.putAccepted(verdict, client);
        endpoint.send(verdict);
        timer.cancel();
        timer = node.schedule(MESSAGE_NANOS, this::abort);
        return;
      }
      if (tcp == null) {
        tcp = full();
      }
      Handshake.putRefused(verdict, tcp);
      endpoint.send(verdict);
      // The client hangs up once it has read that; if it does not, the timer is there for it.
      wanted = 0;
    }

    /** CONFIRM has arrived. */
    private void confirmed(long rest, int restLength) {
      leave();
      UcxConnection connection = new UcxConnection(node, endpoint, destination, client);
      endpoint.reader(connection);
      if (restLength > 0) {
        connection.received(rest, restLength);
      }
      if (enter(connection)) {
        node.signal(event);
      } else {
        endpoint.abort();
      }
    }

    @Override
    public void sent() {}

    @Override
    public void ended(IOException why) {
      leave();
      giveUpPlace();
    }

    private void abort() {
      leave();
      giveUpPlace();
      endpoint.abort();
    }

    private void giveUpPlace() {
      if (placed) {
        placed = false;
        release();
      }
    }

    /** This is no greeting any more. */
    private void leave() {
      if (greetings.remove(this)) {
        wanted = 0;
        timer.cancel();
        Memory.free(message);
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized boolean reserve() {
    if (closed || queue.size() + reserved >= backlog) {
      return false;
    }
    reserved++;
    return true;
  }

  private synchronized void release() {
    reserved--;
  }

  private synchronized boolean enter(UcxConnection connection) {
    reserved--;
    if (closed) {
      return false;
    }
    queue.add(connection);
    queued = queue.size();
    return true;
  }

  /** What clients get while the backlog is full: null for a refusal. */
  private Reason full() {
    if (isClosed()) {
      return Reason.NO_TWIN;
    }
    Reason tcp = node.settings().backlogFull() == BacklogFull.TCP ? Reason.BACKLOG_FULL : null;
    if (!warned) {
      warned = true;
      Log.warn(
          "the backlog of "
              + backlog
              + " on "
              + local
              + " is full; clients get "
              + (tcp == null
                  ? "'Connection refused' (twinport.backlog-full=tcp sends them to TCP instead)"
                  : "TCP (twinport.backlog-full=tcp)"));
    }
    return tcp;
  }

  // -- accepting

  @Override
  public SanConnection accept() throws IOException {
    synchronized (this) {
      if (closed) {
        throw new ClosedChannelException();
      }
      UcxConnection connection = queue.poll();
      queued = queue.size();
      return connection;
    }
  }

  @Override
  public int readyEvents(int interest) {
    return queued > 0 ? interest & NetworkEvent.ACCEPT : 0;
  }

  /** The seat is stored before the look at the queue; a request enters before it is signalled. */
  @Override
  public int arm(int interest, Seat seat) {
    event.select(this, seat);
    return readyEvents(interest);
  }

  @Override
  public void refuse(Reason reason) {
    refusal = reason;
  }

  @Override
  public void close() {
    List<UcxConnection> rejected;
    node.lock();
    try {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
        rejected = new ArrayList<>(queue);
        queue.clear();
        queued = 0;
      }
      doors.forEach(node::shut);
      doors.clear();
      new ArrayList<>(greetings).forEach(Greeting::abort);
    } finally {
      node.unlock();
    }
    rejected.forEach(UcxConnection::abort);
  }

  @Override
  public String toString() {
    return "listener " + local;
  }
}
