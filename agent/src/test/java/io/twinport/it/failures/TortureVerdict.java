package io.twinport.it.failures;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether both ends of connections saw what TCP promises. An end may see an error or a short stream
 * only if there is a cause that the test knows of: one of the ends closed early, had no memory or
 * descriptors, or was killed.
 */
final class TortureVerdict {
  /** What was done to the processes in a round. */
  static final class Round {
    /** Clients that were killed or ended, by tag. */
    final Set<Integer> deadClients = new HashSet<>();

    /** Clients that had no memory for a while. */
    final Set<Integer> filledClients = new HashSet<>();

    /** Servers that were killed or ended, by number. */
    final Set<Integer> deadServers = new HashSet<>();

    final Set<Integer> reboundServers = new HashSet<>();
    final Set<Integer> filledServers = new HashSet<>();

    /** Servers that had no descriptors for a while. */
    final Set<Integer> hoardedServers = new HashSet<>();

    final Set<Integer> hoardedClients = new HashSet<>();
  }

  private final Round round;
  private final List<String> violations = new ArrayList<>();

  /** Whether a server has closed a connection before it knew which one it was. */
  private boolean namelessClosed;

  private int complete;
  private int closed;
  private int failed;
  private long bytes;

  private TortureVerdict(Round round) {
    this.round = round;
  }

  static TortureVerdict of(Round round, List<TortureReport> reports) {
    TortureVerdict verdict = new TortureVerdict(round);
    Map<String, TortureReport> clients = new HashMap<>();
    Map<String, TortureReport> servers = new HashMap<>();
    for (TortureReport each : reports) {
      verdict.bytes += each.received();
      if (each.id() != null) {
        TortureReport twice = (each.client() ? clients : servers).put(each.id(), each);
        verdict.demand(twice == null, "accepted twice", each, twice);
      } else {
        verdict.judgeNameless(each);
      }
    }
    clients.values().forEach(each -> verdict.judge(each, servers.get(each.id())));
    servers.values().forEach(each -> verdict.judge(each, clients.get(each.id())));
    return verdict;
  }

  List<String> violations() {
    return violations;
  }

  @Override
  public String toString() {
    return complete
        + " ends complete, "
        + closed
        + " closed early, "
        + failed
        + " with errors, "
        + (bytes >> 10)
        + " KiB";
  }

  private void demand(boolean right, String what, TortureReport one, TortureReport other) {
    if (!right) {
      violations.add(what + ": " + one + ", peer " + other);
    }
  }

  private void judgeNameless(TortureReport end) {
    demand(end.wrong() == 0, "wrong bytes", end, null);
    demand(end.received() < TortureReport.HEADER_BYTES, "a header that says nothing", end, null);
    namelessClosed |= end.closed();
  }

  private void judge(TortureReport end, TortureReport peer) {
    complete += end.complete() ? 1 : 0;
    closed += end.closed() ? 1 : 0;
    failed += end.failed() ? 1 : 0;
    demand(end.wrong() == 0, "wrong bytes", end, peer);
    if (end.orderly()) {
      demand(end.complete(), "not complete", end, peer);
      demand(peer != null, "known at one end only", end, null);
      return;
    }
    if (peer != null) {
      demand(end.received() <= peer.attempted(), "more than was written", end, peer);
    }
    boolean cause =
        end.closed()
            || isCauseAtPeer(end, peer)
            || isWantOfMemory(end)
            || isWantOfDescriptors(end, peer);
    demand(!end.failed() || cause, "an error without a cause", end, peer);
    boolean ended = (end.endOfStream() && end.shut()) || end.failed() || end.closed();
    demand(ended, "over without a cause", end, peer);
    if (end.endOfStream() && !end.failed() && !end.closed()) {
      judgeEndOfStream(end, peer);
    }
    if (peer == null) {
      demand(mayPeerBeUnknown(end), "known at one end only", end, null);
    }
  }

  /** An orderly end of the stream was all there was. */
  private void judgeEndOfStream(TortureReport end, TortureReport peer) {
    if (peer == null) {
      return;
    }
    demand(end.received() >= peer.confirmed(), "bytes are missing", end, peer);
    demand(!peer.reset() || peer.shut(), "end of stream for a reset", end, peer);
    if (!peer.closed() && !peer.failed()) {
      demand(peer.shut() && end.received() == end.announced(), "a short stream", end, peer);
    }
  }

  private boolean isCauseAtPeer(TortureReport end, TortureReport peer) {
    return (peer == null ? namelessClosed : peer.closed())
        || (end.client() ? round.deadServers : round.deadClients)
            .contains(end.client() ? end.target() : end.tag())
        || ((peer == null || end.failedToConnect())
            && (round.reboundServers.contains(end.target())
                || round.hoardedServers.contains(end.target())));
  }

  /** An Error may end what it meets, but not change or shorten it. */
  private boolean isWantOfMemory(TortureReport end) {
    return round.filledServers.contains(end.target()) || round.filledClients.contains(end.tag());
  }

  /** Who has no descriptors can't connect; what is connected suffers nothing by that. */
  private boolean isWantOfDescriptors(TortureReport end, TortureReport peer) {
    TortureReport client = end.client() ? end : peer;
    return round.hoardedClients.contains(end.tag()) && (client == null || client.failedToConnect());
  }

  private boolean mayPeerBeUnknown(TortureReport end) {
    if (!end.client()) {
      return round.deadClients.contains(end.tag());
    }
    return end.failedToConnect()
        || end.closed()
        || namelessClosed
        || round.deadServers.contains(end.target())
        || round.reboundServers.contains(end.target())
        || round.filledServers.contains(end.target())
        || round.hoardedServers.contains(end.target());
  }
}
