package io.twinport.ucx.connection;

import io.twinport.host.BacklogFull;
import io.twinport.host.HostSettings;
import io.twinport.host.QueueListener;
import io.twinport.posix.Memory;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Reason;
import io.twinport.ucx.pipe.Chunk;
import io.twinport.ucx.pipe.Pipe;
import io.twinport.ucx.pipe.PipeDriver;
import io.twinport.ucx.pipe.PipeReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A listener whose clients come by pipes. One that asks for a connection has its place in the queue
 * from the moment it is told that it may confirm; one that finds all places taken is refused
 * without an event, so nobody wakes for it.
 *
 * <p>The monitor is taken inside the {@link PipeDriver}'s lock if both are.
 */
public class UcxListener extends QueueListener<UcxConnection> {
  /** By which clients come in. */
  public interface Door {
    /** Lets nobody in any more. PipeDriver's lock held. */
    void shut();
  }

  private final PipeDriver driver;
  private final AcceptCondition condition;
  private final RefusedHosts refused;

  // guarded by the driver's lock
  private final List<Door> doors = new ArrayList<>();
  private final List<Greeting> greetings = new ArrayList<>();

  /** Places of clients that may confirm. */
  private int reserved;

  /**
   * @param refused told of clients that speak another version
   */
  public UcxListener(
      PipeDriver driver,
      InetSocketAddress local,
      int backlog,
      BacklogFull full,
      AcceptCondition condition,
      RefusedHosts refused) {
    super(local, backlog, full);
    this.driver = driver;
    this.condition = condition;
    this.refused = refused;
  }

  @Override
  public String provider() {
    return UcxConnection.PROVIDER;
  }

  // -- clients; driver's lock held

  /** Has {@code door} shut when this is closed. */
  public void add(Door door) {
    doors.add(door);
  }

  /** Whether one more client may be greeted now. */
  public boolean mayGreet() {
    return greetings.size() < HostSettings.MOST_GREETINGS;
  }

  /**
   * Somebody has connected by a door.
   *
   * @param destination the address it has connected to
   * @param client its own
   */
  public void greet(Pipe pipe, InetSocketAddress destination, InetSocketAddress client) {
    Greeting greeting = new Greeting(pipe, destination, client);
    greetings.add(greeting);
    pipe.reader(greeting);
  }

  /** A client that has not confirmed yet. */
  private final class Greeting implements PipeReader {
    private final Pipe pipe;
    private final InetSocketAddress destination;
    private final InetSocketAddress client;
    private final long message = Memory.allocate(Handshake.HELLO_BYTES);
    private int length;
    private int wanted = Handshake.HELLO_BYTES;
    private boolean placed;
    private int peerPid;
    private PipeDriver.Timer timer = driver.schedule(HostSettings.GREETING_NANOS, this::abort);

    Greeting(Pipe pipe, InetSocketAddress destination, InetSocketAddress client) {
      this.pipe = pipe;
      this.destination = destination;
      this.client = client;
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
      Reason tcp = Reason.WIRE_VERSION;
      if (Handshake.isVersionSpoken(message)) {
        tcp = condition.check(destination);
      } else {
        refused.note(client.getAddress(), tcp, System.nanoTime());
      }
      peerPid = Handshake.clientsPid(message);
      if (tcp == null && !condition.isFree(client)) {
        tcp = Reason.BOUND_ADDRESS;
      }
      if (tcp == null) {
        synchronized (UcxListener.this) {
          tcp = refusal();
          placed = tcp == null && room() > reserved;
          if (tcp == null && !placed) {
            tcp = overflow();
            condition.backlogFull(client, tcp);
          }
        }
      }
      if (placed) {
        reserved++;
      }
      Chunk verdict = driver.chunks().take();
      if (verdict == null) {
        abort();
        return;
      }
      if (placed) {
        Handshake.putAccepted(verdict, client);
        wanted = Handshake.CONFIRM_BYTES;
        timer.cancel();
        timer = driver.schedule(HostSettings.GREETING_NANOS, this::abort);
      } else {
        // The client hangs up once it has read that; if it does not, the timer is there for it.
        Handshake.putRefused(verdict, tcp);
        wanted = 0;
      }
      pipe.send(verdict);
    }

    /** CONFIRM has arrived. */
    private void confirmed(long rest, int restLength) {
      leave();
      UcxConnection connection = new UcxConnection(driver, pipe, destination, client);
      connection.peerPid(peerPid);
      if (restLength > 0) {
        connection.received(rest, restLength);
      }
      reserved--;
      synchronized (UcxListener.this) {
        enter(connection);
      }
      driver.signal(event());
    }

    @Override
    public void sent() {}

    @Override
    public void ended(IOException why) {
      if (placed) {
        synchronized (UcxListener.this) {
          withdrawn();
        }
      }
      giveUp();
    }

    private void abort() {
      giveUp();
      pipe.abort();
    }

    private void giveUp() {
      leave();
      if (placed) {
        placed = false;
        reserved--;
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

  /** Nobody is greeted any more once the lock is given back. */
  @Override
  public void close() {
    driver.lock();
    try {
      synchronized (this) {
        shut();
      }
      doors.forEach(Door::shut);
      doors.clear();
      List.copyOf(greetings).forEach(Greeting::abort);
    } finally {
      driver.unlock();
    }
    reject();
  }
}
