package io.twinport.ucx;

import io.twinport.posix.Memory;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;

/** A listener with its bounded queue. All that is not final is guarded by the driver's lock. */
final class PipeListener extends SanListener {
  private final PipeProvider provider;
  private final MemoryDriver driver;
  private final InetSocketAddress local;
  private final int backlog;
  private final AcceptCondition condition;
  private final SanEvent event = new SanEvent();

  /** Makes of a post, which is without the lock, a signal. */
  private final Seat signal =
      new Seat(null) {
        @Override
        public void post(SanTarget target) {
          event.signal(NetworkEvent.ACCEPT);
        }
      };

  private final ArrayDeque<UcxConnection> queue = new ArrayDeque<>();
  private volatile int queued;
  private int reserved;
  private boolean closed;
  private Reason refusal;

  PipeListener(
      PipeProvider provider, InetSocketAddress local, int backlog, AcceptCondition condition) {
    this.provider = provider;
    this.driver = provider.serverDriver();
    this.local = local;
    this.backlog = backlog;
    this.condition = condition;
  }

  /** Waits for HELLO, and then for CONFIRM. */
  private final class Handshaking implements PipeReader {
    private final MemoryPipe pipe;
    private final InetSocketAddress destination;
    private final InetSocketAddress client;
    private final byte[] message = new byte[Handshake.HELLO_BYTES];
    private int have;
    private boolean holdsPlace;

    Handshaking(MemoryPipe pipe, InetSocketAddress destination, InetSocketAddress client) {
      this.pipe = pipe;
      this.destination = destination;
      this.client = client;
    }

    @Override
    public void received(long address, int length) {
      int wanted = holdsPlace ? Handshake.CONFIRM_BYTES : Handshake.HELLO_BYTES;
      int count = Math.min(length, wanted - have);
      Memory.copy(address, message, have, count);
      have += count;
      if (have < wanted) {
        return;
      }
      have = 0;
      if (!holdsPlace) {
        hello();
        return;
      }
      UcxConnection connection = new UcxConnection(driver, pipe, destination, client);
      reserved--;
      if (closed) {
        connection.abort();
      } else {
        queue.add(connection);
        queued = queue.size();
        driver.post(signal, PipeListener.this);
      }
      if (count < length) {
        connection.received(address + count, length - count);
      }
    }

    private void hello() {
      Chunk chunk = driver.chunks().take();
      if (chunk == null) {
        pipe.abort();
        return;
      }
      Reason no = closed ? Reason.NO_TWIN : refusal;
      if (no == null) {
        no = condition.check(destination);
      }
      if (no != null) {
        Handshake.putRefused(chunk, no);
      } else if (queue.size() + reserved >= backlog) {
        Handshake.putRefused(chunk, provider.fullMeansTcp() ? Reason.BACKLOG_FULL : null);
      } else {
        holdsPlace = true;
        reserved++;
        Handshake.putAccepted(chunk, client);
      }
      pipe.send(chunk);
    }

    @Override
    public void sent() {}

    @Override
    public void ended(IOException why) {
      if (holdsPlace) {
        reserved--;
      }
    }
  }

  /** A client has opened {@code pipe}. */
  void admit(MemoryPipe pipe, InetSocketAddress destination, InetSocketAddress client) {
    pipe.reader(new Handshaking(pipe, destination, client));
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
    driver.lock();
    try {
      if (closed) {
        throw new IOException("listener closed");
      }
      UcxConnection oldest = queue.poll();
      queued = queue.size();
      return oldest;
    } finally {
      driver.unlock();
    }
  }

  @Override
  public void refuse(Reason reason) {
    driver.run(() -> refusal = reason);
  }

  @Override
  public void close() {
    provider.remove(this);
    driver.run(
        () -> {
          closed = true;
          queue.forEach(UcxConnection::abort);
          queue.clear();
          queued = 0;
        });
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
