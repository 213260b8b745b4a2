package io.twinport.inproc;

import io.twinport.spi.AcceptCondition;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanUnavailableException;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;

/** A listener with its bounded queue. */
final class InProcessListener extends SanListener {
  private final InProcessProvider provider;
  private final InetSocketAddress local;
  private final int backlog;
  private final AcceptCondition condition;
  private final SanEvent event = new SanEvent();
  private final ArrayDeque<InProcessConnection> queue = new ArrayDeque<>();
  private volatile int queued;
  private boolean closed;
  private Reason refusal;

  InProcessListener(
      InProcessProvider provider, InetSocketAddress local, int backlog, AcceptCondition condition) {
    this.provider = provider;
    this.local = local;
    this.backlog = backlog;
    this.condition = condition;
  }

  boolean isFree(InetSocketAddress remote) {
    return condition.isFree(remote);
  }

  /** Admits a client, or tells it why not. Signals only what was admitted. */
  void admit(InProcessConnection client) {
    Reason no = condition.check(client.remoteAddress());
    synchronized (queue) {
      if (no == null) {
        no = closed ? Reason.NO_TWIN : refusal;
      }
      if (no == null && queue.size() >= backlog && isTcpNext()) {
        no = Reason.BACKLOG_FULL;
      }
      if (no == null && queue.size() < backlog) {
        InProcessConnection server = client.establish();
        if (server == null) {
          return; // The client has given up.
        }
        queue.add(server);
        queued = queue.size();
        client = null;
      }
    }
    if (client == null) {
      event.signal(NetworkEvent.ACCEPT);
    } else if (no != null) {
      if (no == Reason.BACKLOG_FULL) {
        condition.backlogFull(client.remoteAddress(), no);
      }
      client.fail(new SanUnavailableException(no));
    } else {
      condition.backlogFull(client.remoteAddress(), null);
      client.fail(new ConnectException("Connection refused"));
    }
  }

  private boolean isTcpNext() {
    return provider.fullMeansTcp();
  }

  @Override
  public String provider() {
    return provider.name();
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public SanEvent event() {
    return event;
  }

  @Override
  public SanConnection accept() throws IOException {
    synchronized (queue) {
      if (closed) {
        throw new IOException("listener closed");
      }
      InProcessConnection oldest = queue.poll();
      queued = queue.size();
      return oldest;
    }
  }

  @Override
  public void refuse(Reason reason) {
    synchronized (queue) {
      refusal = reason;
    }
  }

  @Override
  public void close() {
    ArrayDeque<InProcessConnection> rest;
    synchronized (queue) {
      closed = true;
      rest = new ArrayDeque<>(queue);
      queue.clear();
      queued = 0;
    }
    provider.remove(this);
    rest.forEach(InProcessConnection::abort);
  }

  @Override
  public int readyEvents(int interest) {
    return (interest & NetworkEvent.ACCEPT) != 0 && queued > 0 ? NetworkEvent.ACCEPT : 0;
  }

  @Override
  public int arm(int interest, Seat seat) {
    event.select(this, seat);
    return readyEvents(interest);
  }
}
