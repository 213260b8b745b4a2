package io.twinport.ucx;

import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import io.twinport.ucp.UcpException;
import io.twinport.ucp.UcpWorker;
import io.twinport.ucx.pipe.PipeReader;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The endpoints of a node, by the ids that UCX knows them by, and which of them have to be looked
 * after. Guarded by the node's lock.
 */
final class Endpoints {
  /** Beats in {@code keepalive-millis}: whoever has said nothing for so many says something. */
  static final int QUIET_BEATS = 2;

  /** After so many beats without a word a peer is gone: four times {@code keepalive-millis}. */
  static final int SILENT_BEATS = 4 * QUIET_BEATS;

  /** How many connects that were given up may wait for one destination. */
  static final int MOST_GIVEN_UP = 64;

  private final UcxNode node;
  private final UcpWorker worker;
  private final long beatNanos;

  /** By the lower half of their ids, which is a place here; the upper one tells its users apart. */
  private Endpoint[] places = new Endpoint[64];

  private int[] freePlaces = {};
  private int freeCount;
  private int placeCount;
  private int generations;

  /** Endpoints that have something under way or to tell. */
  private final ArrayList<Endpoint> attended = new ArrayList<>();

  /** How many endpoints to a destination were given up and can't end yet; never 0. */
  private final Map<InetSocketAddress, Integer> givenUp = new HashMap<>();

  /** Whether the next beat is planned. */
  private boolean beating;

  /**
   * @param keepaliveNanos how long a peer may be silent before it is asked whether it is there
   */
  Endpoints(UcxNode node, UcpWorker worker, long keepaliveNanos) {
    this.node = node;
    this.worker = worker;
    beatNanos = keepaliveNanos / QUIET_BEATS;
  }

  /**
   * Begins to connect.
   *
   * @param local where from, or null
   * @throws SanUnavailableException if many connects to there have got no answer at all. Over TCP
   *     an endpoint can't be ended before its peer has answered, and keeps a descriptor; a process
   *     that is stopped lets the kernel accept, and answers nobody.
   */
  Endpoint connect(InetSocketAddress remote, InetSocketAddress local)
      throws UcpException, SanUnavailableException {
    if (givenUp.getOrDefault(remote, 0) >= MOST_GIVEN_UP) {
      throw new SanUnavailableException(Reason.TIMEOUT);
    }
    Endpoint endpoint = add(remote);
    boolean made = false;
    try {
      endpoint.opened(worker.connect(remote, local, endpoint.id()));
      made = true;
    } finally {
      if (!made) {
        gone(endpoint);
      }
    }
    return endpoint;
  }

  /** Accepts a request, which is used up whether or not this succeeds. */
  Endpoint accept(long request) throws UcpException {
    Endpoint endpoint = add(null);
    boolean made = false;
    try {
      endpoint.opened(worker.accept(request, endpoint.id()));
      made = true;
    } finally {
      if (!made) {
        gone(endpoint);
      }
    }
    return endpoint;
  }

  private Endpoint add(InetSocketAddress remote) {
    node.calls();
    int place = freeCount > 0 ? freePlaces[--freeCount] : placeCount++;
    if (place == places.length) {
      places = Arrays.copyOf(places, 2 * place);
    }
    long id = (long) ++generations << Integer.SIZE | place;
    places[place] = new Endpoint(this, worker, id, remote);
    if (!beating) {
      beating = true;
      node.schedule(beatNanos, this::beat);
    }
    return places[place];
  }

  /** A client closes an endpoint that has no peer yet. */
  void givenUp(Endpoint endpoint) {
    givenUp.merge(endpoint.remote(), 1, Integer::sum);
  }

  /** Nothing is left of an endpoint. */
  void gone(Endpoint endpoint) {
    if (endpoint.isGivenUp()) {
      givenUp.computeIfPresent(endpoint.remote(), (remote, count) -> count > 1 ? count - 1 : null);
    }
    places[(int) endpoint.id()] = null;
    if (freeCount == freePlaces.length) {
      freePlaces = Arrays.copyOf(freePlaces, Math.max(64, 2 * freeCount));
    }
    freePlaces[freeCount++] = (int) endpoint.id();
  }

  /** Calls {@code each} with the readers of all endpoints. */
  List<PipeReader> readers() {
    // No lambda: one that was linked first with a full heap could never be used again.
    List<PipeReader> readers = new ArrayList<>();
    for (int i = 0; i < placeCount; i++) {
      PipeReader reader = places[i] == null ? null : places[i].reader();
      if (reader != null) {
        readers.add(reader);
      }
    }
    return readers;
  }

  /** How many there are. */
  int count() {
    return placeCount - freeCount;
  }

  /** The endpoint of an id; null if nothing is left of it. */
  private Endpoint find(long id) {
    Endpoint endpoint = places[(int) id];
    return endpoint != null && endpoint.id() == id ? endpoint : null;
  }

  /** Has those that have received something hand it over; returns whether there were any. */
  boolean receive() {
    int found = worker.poll();
    for (int i = 0; i < found; i++) {
      Endpoint endpoint = find(worker.polled(i));
      if (endpoint != null) {
        endpoint.receive();
      }
    }
    return found > 0;
  }

  /** UCX says that an endpoint is no good any more. From within UCX. */
  void failed(long id, int status) {
    Endpoint concerned = find(id);
    if (concerned != null) {
      concerned.failed(status);
    }
  }

  /** Puts an endpoint, which calls UCX or is about to, among those that are looked after. */
  void attend(Endpoint endpoint) {
    node.calls();
    if (!endpoint.attended) {
      endpoint.attended = true;
      attended.add(endpoint);
    }
  }

  /** Looks after endpoints; returns whether one of them told or did something. */
  boolean attend() {
    boolean any = false;
    // those that are added meanwhile come at the end, and have their turn
    for (int i = 0; i < attended.size(); i++) {
      Endpoint endpoint = attended.get(i);
      int before = endpoint.unsent();
      any |= endpoint.isStirred();
      boolean again = endpoint.attend();
      any |= endpoint.unsent() != before;
      if (!again && !endpoint.isStirred()) {
        endpoint.attended = false;
        int last = attended.size() - 1;
        attended.set(i--, attended.get(last));
        attended.remove(last);
      }
    }
    return any;
  }

  /** One timer for all endpoints, for as long as there are some. */
  private void beat() {
    long now = System.nanoTime();
    for (int i = 0; i < placeCount; i++) {
      if (places[i] != null) {
        places[i].beat(now);
      }
    }
    beating = count() > 0;
    if (beating) {
      node.schedule(beatNanos, this::beat);
    }
  }
}
