package io.twinport.shm.connection;

import io.twinport.posix.Memory;
import java.util.Set;

/**
 * The places of a listener's queue that are granted to clients ahead of time, so that a connect
 * needs nobody at the server. {@link Claims} is the client's side; modelled in {@code grants.pml}.
 * Guarded by the listener.
 *
 * <p>A place is reserved from its grant on until the request is handled that has claimed it. What
 * is in the queue and what is reserved are together never more than the backlog, whatever clients
 * write: only the own counts are relied on. What a client says that it has claimed decides no more
 * than how much is taken back from it.
 *
 * <p>No more than half of the queue is given away like that, and nothing while more than half is
 * taken. Whoever connects again and again with nobody to wait for would fill any queue before those
 * who accept have woken up, and be refused; so behind that it waits for verdicts, as the queue is
 * emptied meanwhile.
 *
 * <p>What is not claimed is taken back when others need it: the smaller number is stored first,
 * then comes a full fence, and then what was claimed meanwhile stays granted. What is granted next
 * begins behind all claims so far; so it waits until the requests of claims that have got no place
 * were handled, each of which has a verdict by then.
 */
final class Grants {
  /** Places of the queue that are granted to nobody, and those that may be. */
  private final int kept;

  private final int most;

  /** Those from whom something might be taken back. */
  private final Grant.Entry holders = new Grant.Entry(null);

  /** Those that have few places or none, and are given some when there are any. */
  private final Grant.Entry hungry = new Grant.Entry(null);

  /** Those of the listener. */
  private final Set<ServerPermit> permits;

  /** How many places are reserved. The listener takes those off that are used. */
  int total;

  Grants(int backlog, Set<ServerPermit> permits) {
    this.kept = backlog / 2;
    this.most = backlog - kept;
    this.permits = permits;
  }

  /** How many places each client may have. */
  private int share() {
    return Math.max(1, most / Math.max(1, permits.size()));
  }

  /** How many places may be granted now, if the queue takes {@code room} more connections. */
  private int spare(int room) {
    return room - total - kept;
  }

  /**
   * A client begins, whose permit is among the listener's. Where there are as many places as
   * clients, it gets its share at the expense of those who have more than that.
   *
   * @param room how many more connections the queue takes; 0 if nothing is to be granted now
   */
  void add(Grant grant, int room) {
    int share = share();
    if (room > 0 && spare(room) < share && permits.size() <= most) {
      level(share, room);
    }
    topUp(grant, room);
  }

  /** Takes back what anybody has above his share. */
  private void level(int share, int room) {
    for (int i = permits.size(); i > 0 && holders.isListed(); i--) {
      Grant next = holders.first();
      holders.turn();
      if (next.reserved > share) {
        takeBack(next);
        topUp(next, room);
      }
    }
  }

  /** The client is gone, or the listener has closed. Idempotent. */
  void forget(Grant grant) {
    total -= grant.reserved;
    grant.reserved = 0;
    grant.holding.leave();
    grant.hunger.leave();
  }

  /** Gives a client its share, if it has little of it, as far as there is room. */
  void topUp(Grant grant, int room) {
    int share = share();
    if (grant.reserved > share / 2) {
      return;
    }
    raise(grant, Math.min(share - grant.reserved, spare(room)));
    if (grant.reserved == 0) {
      grant.holding.leave();
    }
    if (grant.reserved > share / 2) {
      grant.hunger.leave();
    } else if (!grant.hunger.isListed()) {
      hungry.append(grant.hunger);
    }
  }

  /** Gives to those who have little, as far as there is room. */
  void feed(int room) {
    while (spare(room) > 0) {
      Grant next = hungry.first();
      if (next == null) {
        return;
      }
      // who can't be given any now asks again when a request of its is handled
      next.hunger.leave();
      int before = total;
      int share = share();
      raise(next, Math.min(share - next.reserved, spare(room)));
      if (total > before && next.reserved <= share / 2) {
        hungry.append(next.hunger);
      }
    }
  }

  /**
   * Takes places back from whoever has not claimed them, until there is one.
   *
   * @return whether there is
   */
  boolean takeBack() {
    for (Grant next = holders.first(); next != null; next = holders.first()) {
      int before = total;
      takeBack(next);
      next.holding.leave();
      if (!next.hunger.isListed()) {
        hungry.append(next.hunger);
      }
      if (total < before) {
        return true;
      }
    }
    return false;
  }

  /** Takes back all that is not claimed. */
  void takeAllBack() {
    while (takeBack()) {
      // The next one.
    }
  }

  private void raise(Grant grant, int more) {
    long claimed = grant.mostClaimed();
    long granted = grant.granted;
    if (more <= 0 || (claimed > granted && claimed - granted != grant.beyond)) {
      return;
    }
    if (!grant.holding.isListed()) {
      holders.append(grant.holding);
    }
    long raised = Math.max(claimed, granted) + more;
    grant.granted = raised;
    grant.reserved += more;
    total += more;
    grant.beyond = 0;
    grant.tell(raised);
  }

  private void takeBack(Grant grant) {
    long granted = grant.granted;
    long least = granted - grant.reserved; // Below that all were claimed, by an honest client.
    long first = Math.max(grant.mostClaimed(), least);
    if (first >= granted) {
      return;
    }
    grant.tell(first);
    Memory.fullFence();
    long kept = Math.min(Math.max(grant.mostClaimed(), first), granted);
    int back = (int) (granted - kept);
    grant.granted = kept;
    grant.reserved -= back;
    total -= back;
    grant.tell(kept);
  }
}
