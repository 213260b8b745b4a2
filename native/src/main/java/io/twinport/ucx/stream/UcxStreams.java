package io.twinport.ucx.stream;

import io.twinport.config.Log;
import io.twinport.posix.Memory;
import io.twinport.spi.ConnectionNumbers;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import io.twinport.spi.Seat;
import io.twinport.stream.Ending;
import io.twinport.stream.ProtocolViolation;
import io.twinport.ucx.pipe.Chunk;
import io.twinport.ucx.pipe.Chunks;
import io.twinport.ucx.pipe.Pipe;
import io.twinport.ucx.pipe.PipeDriver;
import io.twinport.ucx.pipe.PipeReader;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The streams of a connection that is up: what the application reads and writes, how that goes to
 * the pipe and comes from it, how both ends end, and who waits.
 *
 * <p>The application's threads never wait for the {@link PipeDriver}'s lock. They change what is
 * theirs (bytes in the outbox, the position they have read up to, a wish to close), and then {@link
 * #attend}: whoever holds the lock, at once or soon, does with the pipe what that calls for.
 *
 * <p>Why no wakeup is lost: a waiter stores its seat and then looks at what it waits for ({@link
 * #armStreams}); whoever has the lock stores what makes it ready (bytes, credit, chunks that came
 * back, the peer's end) and then looks for the seat ({@link #wakeReader}, {@link #wakeWriter}). All
 * are volatile, so one of the two sees the other. A seat is taken away as it is posted to, so an
 * arming leads to one post.
 */
public abstract class UcxStreams extends SanConnection implements PipeReader, Chunks.Waiter {
  /** The provider's name. */
  public static final String PROVIDER = "ucx";

  private static final VarHandle READ_SEAT;
  private static final VarHandle WRITE_SEAT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      READ_SEAT = lookup.findVarHandle(UcxStreams.class, "readSeat", Seat.class);
      WRITE_SEAT = lookup.findVarHandle(UcxStreams.class, "writeSeat", Seat.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final PipeDriver.Task attention =
      new PipeDriver.Task() {
        @Override
        public void run() {
          attendNow();
        }
      };

  /** Null while the provider is starting. */
  public volatile PipeDriver driver;

  /** Set before the connection is up. */
  private Outbox out;

  private final Receiver in =
      new Receiver() {
        @Override
        boolean control(int type, int value) throws ProtocolViolation {
          frame(type, value);
          return !pipeDone;
        }
      };

  private final Ending ending = new Ending();

  // -- with the driver's lock held

  protected Pipe pipe;

  /** Whether the pipe has ended, or was closed here: it is not called any more. */
  private boolean pipeDone;

  /**
   * What of {@link Ending}'s flags the peer has said, or stands for it now that it is gone. Stored
   * under the driver's lock, read by anybody.
   */
  private volatile int flags;

  // -- stored by any thread

  private volatile Seat readSeat;
  private volatile Seat writeSeat;

  // -- for people: how much had been moved each way at the last sweep, and which sweep has noticed

  private volatile long readAtLastSweep;
  private volatile long writtenAtLastSweep;
  private volatile long readNoticed;
  private volatile long writtenNoticed;

  /** The peer's process, as it says; 0 if it does not. Stored before the connection is up. */
  private volatile int peerPid;

  /** Gives the streams what they stand on. Lock held, before the connection is up. */
  protected final void open(PipeDriver aDriver, Pipe aPipe) {
    driver = aDriver;
    pipe = aPipe;
    out = new Outbox(aDriver.chunks(), this);
    in.open(aDriver);
    aPipe.reader(this);
  }

  @Override
  public final String provider() {
    return PROVIDER;
  }

  // -- data

  @Override
  public int read(ByteBuffer dst) throws IOException {
    if (!dst.hasRemaining()) {
      return 0;
    }
    int count = in.read(dst);
    if (count == 0) {
      int said = flags;
      if ((said & (Ending.FIN | Ending.CLOSED)) == 0) {
        return 0;
      }
      count = in.read(dst); // what arrived before the flags counts
      if (count == 0) {
        return ending.read(said);
      }
    }
    tidyUp();
    return count;
  }

  @Override
  public int read(byte[] dst, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int count = in.read(dst, offset, length);
    if (count == 0) {
      int said = flags;
      if ((said & (Ending.FIN | Ending.CLOSED)) == 0) {
        return 0;
      }
      count = in.read(dst, offset, length); // what arrived before the flags counts
      if (count == 0) {
        return ending.read(said);
      }
    }
    tidyUp();
    return count;
  }

  private void tidyUp() {
    if (in.wantsAttention()) {
      attend();
    }
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    int said = flags;
    if ((said & Ending.CLOSED) != 0) {
      int taken = ending.write(src.remaining(), said);
      src.position(src.position() + taken);
      return taken;
    }
    return written(out.write(src));
  }

  @Override
  public int write(byte[] src, int offset, int length) throws IOException {
    int said = flags;
    if ((said & Ending.CLOSED) != 0) {
      return ending.write(length, said);
    }
    return written(out.write(src, offset, length));
  }

  @Override
  public int writeUrgent(byte b) throws IOException {
    int said = flags;
    if ((said & Ending.CLOSED) != 0) {
      return ending.write(1, said);
    }
    return written(out.writeUrgent(b));
  }

  /** A flush has to follow each write, also one that took nothing: see {@link Outbox}. */
  private int written(int count) throws IOException {
    attend();
    if (count == 0 && out.isFinished()) {
      throw new IOException("Broken pipe");
    }
    return count;
  }

  @Override
  public void takeUrgentInline(boolean inline) {
    in.takeUrgentInline(inline);
  }

  protected final int unread() {
    return in.unread();
  }

  protected final int unsentOrUnread() {
    return out.unread();
  }

  /**
   * How it stands.
   *
   * @param accepted whether this is the server's end
   * @param closed whether this end is closed
   */
  protected final ConnectionNumbers numbers(boolean accepted, boolean closed) {
    int said = flags;
    ConnectionNumbers.Peer peer = ConnectionNumbers.Peer.OPEN;
    if ((said & Ending.RESET) != 0) {
      peer = ConnectionNumbers.Peer.RESET;
    } else if ((said & Ending.CLOSED) != 0) {
      peer = ConnectionNumbers.Peer.CLOSED;
    } else if ((said & Ending.FIN) != 0) {
      peer = ConnectionNumbers.Peer.ENDED;
    }
    boolean over = (said & Ending.CLOSED) != 0;
    int unread = in.unread();
    return new ConnectionNumbers(
        new ConnectionNumbers.Stream(
            in.moved(),
            unread,
            over ? 0 : Frames.WINDOW - unread,
            quietNanos(in.moved(), readAtLastSweep, readNoticed)),
        new ConnectionNumbers.Stream(
            out.moved(),
            out.unread(),
            over || closed ? 0 : out.window(),
            quietNanos(out.moved(), writtenAtLastSweep, writtenNoticed)),
        peer,
        accepted,
        closed,
        peerPid);
  }

  /** For how long, at least, nothing was moved. */
  private static long quietNanos(long moved, long atLastSweep, long noticed) {
    if (moved == 0) {
      return ConnectionNumbers.UNKNOWN;
    }
    return moved != atLastSweep ? 0 : Math.max(0, System.nanoTime() - noticed);
  }

  /** Looks whether something was moved since it was called last: no operation notes the time. */
  @Override
  public final void swept(long now) {
    long read = in.moved();
    if (read != readAtLastSweep) {
      readNoticed = now; // First: whoever finds the new position finds this, too.
      readAtLastSweep = read;
    }
    long written = out.moved();
    if (written != writtenAtLastSweep) {
      writtenNoticed = now;
      writtenAtLastSweep = written;
    }
  }

  /** As the peer says. */
  public final void peerPid(int pid) {
    peerPid = pid;
  }

  // -- what the pipe calls for

  /**
   * Has what was changed looked at with the driver's lock held: by this thread if the lock is free,
   * otherwise by whoever has it.
   */
  protected final void attend() {
    PipeDriver known = driver;
    if (known == null) {
      return; // whoever stores it looks at everything
    }
    if (!known.tryLock()) {
      known.submit(attention);
      return;
    }
    try {
      attendNow();
    } finally {
      known.unlock();
    }
  }

  /** Lock held, by any thread. */
  protected abstract void attendNow();

  /** Sends what is to be sent. Lock held. */
  protected final void flush() {
    out.sendCredit(in.credit());
    in.planSweep();
    out.flush(pipeDone ? null : pipe);
    wakeWriter();
  }

  /** No more bytes will be written. Any thread; {@link #attend} has to follow. */
  protected final void finish() {
    out.fin();
  }

  /** Whether the peer has been sent the end, or is gone. Lock held. */
  protected final boolean isEndSent() {
    return pipeDone || out.isEndSent();
  }

  protected final boolean isPipeDone() {
    return pipeDone;
  }

  /**
   * The application has closed: what has arrived and what arrives from now on is dropped, and the
   * peer is told. Lock held; a {@link #flush} has to follow.
   *
   * @param frame {@link Frames#CLOSE} or {@link Frames#RESET}
   */
  protected final void end(int frame) {
    if (!in.isStopped()) {
      out.end(frame, in.stop());
    }
  }

  /** Ends the pipe now, if it has not ended. Lock held. */
  protected final void abortPipe() {
    if (!pipeDone) {
      pipeDone = true;
      pipe.abort();
      dropUnsent();
    }
  }

  private void dropUnsent() {
    out.discard();
    out.flush(null);
  }

  // -- what the pipe brings; lock held

  @Override
  public void received(long address, int length) {
    try {
      in.received(address, length);
    } catch (ProtocolViolation e) {
      Log.debug(() -> "ucx: " + this + ": the peer broke the rules: " + e.detail());
      lost();
      abortPipe();
    } catch (OutOfMemoryError e) {
      Log.warn("ucx: no memory for what arrives, " + this + " is reset: " + e.getMessage());
      lost();
      abortPipe();
    }
    if (in.unread() > 0) {
      wakeReader();
    }
    if (in.wantsAttention()) {
      flush();
    }
  }

  private void frame(int type, int value) throws ProtocolViolation {
    switch (type) {
      case Frames.CREDIT -> {
        out.addLimit(value);
        wakeWriter();
      }
      case Frames.FIN -> say(Ending.FIN);
      case Frames.CLOSE -> peerClosed(out.unreadAfter(value));
      case Frames.RESET -> {
        if (in.unread() > SanConnection.MOST_UNREAD_BEFORE_END) {
          flags &= ~Ending.FIN;
        }
        peerEnded(Ending.CLOSED | Ending.RESET);
      }
      case Frames.ALIVE -> {}
      default -> throw new ProtocolViolation("frame of type " + type);
    }
  }

  private void peerClosed(long unread) throws ProtocolViolation {
    if (unread < 0) {
      throw new ProtocolViolation("has read " + -unread + " bytes that were not sent");
    }
    peerEnded(Ending.CLOSED | (unread > 0 ? Ending.RESET : Ending.FIN));
  }

  /** The peer's last word. It waits for the pipe to be closed, and wants nothing more. */
  private void peerEnded(int said) {
    pipeDone = true;
    say(said);
    dropUnsent();
    pipe.close();
    pipeEnded();
  }

  /** The pipe has ended behind the peer's last word, or instead of it. */
  protected final void lost() {
    say(Ending.CLOSED | Ending.RESET);
  }

  /** As the pipe has ended, or was closed behind the peer's last word. Lock held. */
  protected abstract void pipeEnded();

  @Override
  public void ended(IOException why) {
    pipeDone = true;
    lost();
    dropUnsent();
    pipeEnded();
  }

  @Override
  public void sent() {
    flush();
  }

  @Override
  public void chunkFree() {
    out.chunkFree();
    driver.submit(attention);
  }

  /** Each chunk holds whole frames, so another may be sent between any two. */
  protected final void sayAlive() {
    Chunk chunk = pipeDone ? null : driver.chunks().take();
    // where all chunks are in use, something is being sent
    if (chunk != null) {
      Memory.putInt(chunk.address(), Frames.word(Frames.ALIVE, 0));
      chunk.limit = Frames.HEADER_BYTES;
      pipe.send(chunk);
    }
  }

  private void say(int more) {
    flags |= more;
    wakeReader();
    wakeWriter();
  }

  // -- waiting

  /** What of {@code interest} the streams of a connection that is up are ready for. */
  protected final int streamEvents(int interest) {
    int ready = 0;
    int said = flags;
    if ((interest & NetworkEvent.READ) != 0
        && (in.unread() > 0 || (said & (Ending.FIN | Ending.CLOSED)) != 0)) {
      ready |= NetworkEvent.READ;
    }
    if ((interest & NetworkEvent.WRITE) != 0
        && ((said & Ending.CLOSED) != 0 || out.isFinished() || out.isWritable())) {
      ready |= NetworkEvent.WRITE;
    }
    if ((said & Ending.CLOSED) != 0) {
      ready |= interest & NetworkEvent.CLOSE;
    }
    return ready;
  }

  /** Stores who waits. A look at {@link #streamEvents} has to follow. */
  protected final void armStreams(int interest, Seat seat) {
    if ((interest & (NetworkEvent.READ | NetworkEvent.CLOSE)) != 0) {
      readSeat = seat;
    }
    if ((interest & NetworkEvent.WRITE) != 0) {
      writeSeat = seat;
    }
  }

  private void wakeReader() {
    if (readSeat != null) {
      driver.post((Seat) READ_SEAT.getAndSet(this, null), this);
    }
  }

  /** Wakes the writer if there is something to be woken for. */
  private void wakeWriter() {
    if (writeSeat != null && streamEvents(NetworkEvent.WRITE) != 0) {
      driver.post((Seat) WRITE_SEAT.getAndSet(this, null), this);
    }
  }
}
