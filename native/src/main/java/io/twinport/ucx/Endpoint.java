package io.twinport.ucx;

import io.twinport.config.Log;
import io.twinport.host.Faults;
import io.twinport.posix.Memory;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import io.twinport.ucp.Status;
import io.twinport.ucp.UcpException;
import io.twinport.ucp.UcpWorker;
import io.twinport.ucx.pipe.Chunk;
import io.twinport.ucx.pipe.Pipe;
import io.twinport.ucx.pipe.PipeReader;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A UCP endpoint as a pipe. It is closed by the node between the calls of readers, never within
 * one, because what is being read belongs to it. Once closed, it goes on to exist until the
 * transport is done with each of its requests, and only then is its place in the node given to
 * another.
 */
final class Endpoint implements Pipe {
  private static final int FIRST_CAPACITY = 8;
  private static final long NOTHING = Memory.allocate(1);

  static {
    Memory.putByte(NOTHING, (byte) 0);
  }

  private final Endpoints all;
  private final UcpWorker worker;
  private final long id;

  /** Where a client connects to; null at the server. */
  private final InetSocketAddress remote;

  /** Of UCP; valid until it is closed. */
  private long handle;

  private PipeReader reader;

  // what is being sent: a ring of requests and of the chunks they send
  private long[] requests = new long[FIRST_CAPACITY];
  private Chunk[] chunks = new Chunk[FIRST_CAPACITY];
  private int first;
  private int count;

  // since the node's last beat, and beats since there was something
  private boolean heardLately;
  private boolean saidLately;
  private int silentBeats;
  private int quietBeats;

  /** Chunks went back, and the reader has not been told. */
  private boolean sent;

  /** The application's end: it wants to hear nothing more. */
  private boolean closed;

  private boolean aborted;

  /** It was closed before it was known to be connected, or had failed. */
  private boolean givenUp;

  /** The handle has been given back. */
  private boolean shut;

  /** The request that closes, while it is under way. */
  private long closing;

  /** Whether anything has arrived: until then a client's endpoint may have no peer. */
  private boolean heard;

  /**
   * Whether it is known to be connected, and so may be closed. A client's endpoint that is closed
   * before that ends the process, in UCX 1.13's TCP connection manager.
   */
  private boolean connected;

  /** How the endpoint has failed; {@link Status#OK} if it has not. */
  private int failure;

  private boolean ended;

  /** Whether it stands in the node's list of those to look after. */
  boolean attended;

  /**
   * @param remote where a client connects to; null at the server
   */
  Endpoint(Endpoints all, UcpWorker worker, long id, InetSocketAddress remote) {
    this.all = all;
    this.worker = worker;
    this.id = id;
    this.remote = remote;
    this.connected = remote == null;
  }

  /** What UCX knows it by: never that of another endpoint. */
  long id() {
    return id;
  }

  InetSocketAddress remote() {
    return remote;
  }

  /** Whether a client has given it up, and it waits for its peer to answer so that it can end. */
  boolean isGivenUp() {
    return givenUp;
  }

  /** Who is told what happens, also behind its end; null before there is somebody. */
  PipeReader reader() {
    return reader;
  }

  void opened(long newHandle) {
    handle = newHandle;
  }

  // -- the pipe

  @Override
  public void reader(PipeReader to) {
    reader = to;
  }

  @Override
  public void send(Chunk chunk) {
    if (closed || failure != Status.OK) {
      chunk.giveBack();
      return;
    }
    all.attend(this);
    saidLately = true;
    long request = worker.send(handle, chunk.address(), chunk.limit);
    if (request > 0) {
      push(request, chunk);
      return;
    }
    chunk.giveBack();
    if (request == 0) {
      sent = true;
      connected = true;
    } else {
      failed((int) request);
    }
  }

  @Override
  public int unsent() {
    return count;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (!connected && failure == Status.OK) {
        givenUp = true;
        all.givenUp(this);
      }
      all.attend(this);
    }
  }

  @Override
  public void abort() {
    aborted = true;
    close();
  }

  private void push(long request, Chunk chunk) {
    if (count == requests.length) {
      long[] moreRequests = new long[2 * count];
      Chunk[] moreChunks = new Chunk[2 * count];
      for (int i = 0; i < count; i++) {
        moreRequests[i] = requests[(first + i) % count];
        moreChunks[i] = chunks[(first + i) % count];
      }
      requests = moreRequests;
      chunks = moreChunks;
      first = 0;
    }
    int at = (first + count++) % requests.length;
    requests[at] = request;
    chunks[at] = chunk;
  }

  // -- what the node does; its lock is held, and no reader is being called

  /** UCP says that the endpoint is no good any more. Called from within UCP. */
  void failed(int status) {
    if (failure == Status.OK) {
      failure = status;
      all.attend(this);
    }
  }

  /** Hands over what has arrived; returns whether there was something. */
  boolean receive() {
    boolean any = false;
    while (!closed && !shut) {
      long received = worker.receive(handle);
      if (received == 0) {
        return any;
      }
      if (Status.isFailure(received)) {
        failed((int) received);
        return any;
      }
      any = true;
      heard = true;
      heardLately = true;
      connected = true;
      long length = worker.receivedLength();
      try {
        if (reader != null) {
          reader.received(received, Math.toIntExact(length));
        }
      } catch (RuntimeException | Error e) {
        broken(e);
      } finally {
        worker.release(handle, received);
      }
    }
    return any;
  }

  /**
   * Time goes by. A peer that says nothing for {@link Endpoints#SILENT_BEATS} is gone: not every
   * transport finds that out, least of all with bytes in flight. Beats are counted, not time, so a
   * process that stood still itself does not take that for its peers' silence.
   */
  void beat(long now) {
    if (reader != null) {
      sweep(now);
    }
    if (closed || shut || failure != Status.OK || reader == null || !heard) {
      return;
    }
    silentBeats = heardLately ? 0 : silentBeats + 1;
    heardLately = false;
    if (silentBeats >= Endpoints.SILENT_BEATS) {
      failed(Status.TIMED_OUT);
      return;
    }
    quietBeats = saidLately || count > 0 ? 0 : quietBeats + 1;
    saidLately = false;
    if (quietBeats >= Endpoints.QUIET_BEATS) {
      try {
        reader.quiet();
      } catch (RuntimeException | Error e) {
        broken(e);
      }
    }
  }

  private void sweep(long now) {
    try {
      reader.swept(now);
    } catch (RuntimeException | Error e) {
      broken(e);
    }
  }

  /**
   * Takes back what has been sent, tells the reader what there is to tell, and closes.
   *
   * @return whether it has to be looked after again when the worker has moved on
   */
  boolean attend() {
    takeBack();
    if (sent) {
      sent = false;
      tellSent();
    }
    if (failure != Status.OK && !shut) {
      // what had arrived before it failed comes first
      receive();
      tellEnded();
      shut(true);
    } else if (closed && !shut && isConnected()) {
      shut(aborted);
    }
    if (closing != 0 && worker.status(closing) != Status.IN_PROGRESS) {
      worker.free(closing);
      closing = 0;
    }
    if (shut && closing == 0 && count == 0) {
      all.gone(this);
      return false;
    }
    return count > 0 || closing != 0 || (closed && !shut);
  }

  /** Whether {@link #attend} has something to tell or to do now. */
  boolean isStirred() {
    return sent || (!shut && (failure != Status.OK || (closed && connected)));
  }

  /**
   * Whether it may be closed. What was sent first is sent only once it is connected; where nothing
   * was, a byte is that means nothing to the peer.
   */
  private boolean isConnected() {
    if (!connected && count == 0) {
      long request = worker.send(handle, NOTHING, 1);
      if (request > 0) {
        push(request, null);
      } else if (request < 0) {
        failed((int) request);
      } else {
        connected = true;
      }
    }
    return connected;
  }

  private void takeBack() {
    while (count > 0) {
      long request = requests[first];
      int status = worker.status(request);
      if (status == Status.IN_PROGRESS) {
        return;
      }
      worker.free(request);
      Chunk chunk = chunks[first];
      chunks[first] = null;
      first = (first + 1) % requests.length;
      count--;
      if (chunk != null) {
        chunk.giveBack();
        sent = true;
      }
      if (status == Status.OK) {
        connected = true;
      } else {
        failed(status);
      }
    }
  }

  private void tellSent() {
    if (closed || reader == null) {
      return;
    }
    try {
      reader.sent();
    } catch (RuntimeException | Error e) {
      broken(e);
    }
  }

  private void tellEnded() {
    if (closed || ended || reader == null) {
      return;
    }
    ended = true;
    closed = true;
    try {
      reader.ended(why());
    } catch (RuntimeException | Error e) {
      broken(e);
    }
  }

  private IOException why() {
    if (remote != null && !heard) {
      return new SanUnavailableException(
          switch (failure) {
            case Status.NOT_CONNECTED,
                Status.REJECTED,
                Status.UNREACHABLE,
                Status.CONNECTION_RESET ->
                Reason.NO_TWIN;
            case Status.TIMED_OUT, Status.ENDPOINT_TIMEOUT -> Reason.TIMEOUT;
            default -> Reason.PEER_GONE;
          });
    }
    return failure == Status.CONNECTION_RESET ? null : new UcpException(failure, "endpoint");
  }

  /** A fault in one connection must not end the service for the others. */
  private void broken(Throwable fault) {
    Faults.log(UcxProvider.NAME, fault);
    abort();
  }

  private void shut(boolean force) {
    shut = true;
    closed = true;
    reader = null;
    long request = worker.close(handle, force);
    if (request > 0) {
      closing = request;
    } else if (request < 0) {
      int status = (int) request;
      Log.debug(() -> "ucx: an endpoint was closed: " + Status.text(status));
    }
  }
}
