package io.twinport.ucx;

import io.twinport.config.Log;
import io.twinport.ucp.UcpException;
import io.twinport.ucp.UcpWorker;
import io.twinport.ucx.connection.UcxListener;
import io.twinport.ucx.pipe.PipeDriver;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * By which clients come in: the addresses that UCX listens on, for listeners, and the requests that
 * have been announced. Guarded by the node's lock.
 */
final class Doors {
  /** Far longer than a client takes that has connected to send its request, on any machine. */
  private static final long PARKED_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final UcxNode node;
  private final UcpWorker worker;
  private final Endpoints endpoints;
  private final boolean parks;

  private final Map<Long, Door> open = new HashMap<>();
  private final Map<InetSocketAddress, Parked> parked = new HashMap<>();
  private long count;

  /** The door's number and the request, in turn. */
  private final ArrayDeque<long[]> requests = new ArrayDeque<>();

  /**
   * @param parks whether UCX goes on to listen for a while where a door was shut
   */
  Doors(UcxNode node, UcpWorker worker, Endpoints endpoints, boolean parks) {
    this.node = node;
    this.worker = worker;
    this.endpoints = endpoints;
    this.parks = parks;
  }

  /**
   * Opens a door, until the listener is closed.
   *
   * @param address what clients connect to
   * @param at where UCX listens for that, which is another port over TCP
   * @throws UcpException with {@link io.twinport.ucp.Status#BUSY} if the address is in use
   */
  void open(UcxListener listener, InetSocketAddress address, InetSocketAddress at)
      throws UcpException {
    node.calls();
    Parked same = parked.remove(at);
    Door door;
    if (same != null) {
      same.timer.cancel();
      door = new Door(listener, address, at, same.number, same.handle);
    } else {
      long number = count++;
      door = new Door(listener, address, at, number, worker.listen(at, number));
    }
    open.put(door.number, door);
    listener.add(door);
  }

  /** Somebody wants to connect. From within UCX. */
  void requested(long number, long request) {
    requests.add(new long[] {number, request});
  }

  /** Lets those in who have been announced; returns whether there were any. */
  boolean admit() {
    boolean any = false;
    for (long[] next = requests.poll(); next != null; next = requests.poll()) {
      any = true;
      Door door = open.get(next[0]);
      long request = next[1];
      node.guarded(
          () -> {
            if (door != null) {
              door.requested(request);
            } else {
              turnAway(request);
            }
          });
    }
    return any;
  }

  /** Accepts and aborts, because a reject crashes some of UCX's connection managers. */
  private void turnAway(long request) {
    try {
      endpoints.accept(request).abort();
    } catch (UcpException e) {
      Log.debug(() -> "ucx: a client gave up: " + Log.cause(e));
    }
  }

  private final class Door implements UcxListener.Door {
    private final UcxListener listener;
    private final InetSocketAddress address;
    private final InetSocketAddress at;
    private final long number;

    /** Of UCP. */
    private final long handle;

    Door(
        UcxListener listener,
        InetSocketAddress address,
        InetSocketAddress at,
        long number,
        long handle) {
      this.listener = listener;
      this.address = address;
      this.at = at;
      this.number = number;
      this.handle = handle;
    }

    void requested(long request) {
      InetSocketAddress client = client(request);
      if (client == null || !listener.mayGreet()) {
        turnAway(request);
        return;
      }
      try {
        listener.greet(endpoints.accept(request), address, client);
      } catch (UcpException e) {
        Log.debug(() -> "ucx: a client gave up: " + Log.cause(e));
      }
    }

    /** Who sent a request; null if that is not known. */
    private InetSocketAddress client(long request) {
      try {
        return worker.clientAddress(request);
      } catch (UcpException e) {
        Log.debug(() -> "ucx: a client without an address: " + Log.cause(e));
        return null;
      }
    }

    @Override
    public void shut() {
      open.remove(number);
      // those that have been announced already, so that nobody waits for what is not there any more
      admit();
      if (parks) {
        parked.put(at, new Parked(this));
      } else {
        unlisten(handle);
      }
    }
  }

  private void unlisten(long handle) {
    node.calls();
    worker.unlisten(handle);
    admit();
  }

  /**
   * What a door over TCP leaves behind for a while: UCX still listens, and whoever comes is turned
   * away. A client that is between the kernel's accept and its request would, in UCX 1.13, call a
   * listener that is gone, and end the process.
   */
  private final class Parked {
    final long number;
    final long handle;
    final PipeDriver.Timer timer;

    Parked(Door door) {
      number = door.number;
      handle = door.handle;
      timer =
          node.schedule(
              PARKED_NANOS,
              () -> {
                parked.remove(door.at);
                unlisten(handle);
              });
    }
  }
}
