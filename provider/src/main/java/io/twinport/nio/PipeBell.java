package io.twinport.nio;

import io.twinport.spi.Bell;
import java.io.FileDescriptor;
import java.io.IOException;
import sun.nio.ch.IOUtil;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;

/**
 * A bell of this process: both ends of a pipe. Whoever rings never blocks; nor does {@link #drain},
 * but for the bell of a {@linkplain #sleepOn one sleeper}.
 */
final class PipeBell implements Bell {
  private final int number;
  private final int readFd;
  private final int writeFd;
  private final FileDescriptor readEnd;
  private final long drain;
  private byte rungFrom;

  PipeBell(int number) throws IOException {
    long ends = SanAccess.makePipe();
    this.number = number;
    this.readFd = (int) (ends >>> 32);
    this.writeFd = (int) ends;
    this.readEnd = IOUtil.newFD(readFd);
    // Behind what fails, again and again, in a process without descriptors: nobody gives it back.
    this.drain = SanAccess.newDrain();
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public int writeFd() {
    return writeFd;
  }

  int readFd() {
    return readFd;
  }

  /** Rings from inside the process. A full pipe is a bell that rings already. */
  void ring() {
    try {
      SanAccess.ring(writeFd, FROM_ANYWHERE);
    } catch (IOException e) {
      throw new AssertionError("own pipe", e); // Both ends stay open for ever.
    }
  }

  /**
   * Where the last ring came from that the last {@link #drain} has found; see {@link Bell#from}.
   */
  byte rungFrom() {
    return rungFrom;
  }

  /** Says that from now on it is only {@linkplain #await awaited}: that takes one call less. */
  void sleepOn() {
    try {
      IOUtil.configureBlocking(readEnd, true);
    } catch (IOException e) {
      throw new AssertionError("own pipe", e); // Both ends stay open for ever.
    }
  }

  /**
   * Waits until it rings or the time is over, and silences it as {@link #drain} does. It may have
   * rung before.
   *
   * @param nanos the longest wait; {@link Long#MAX_VALUE} for no end
   */
  void await(long nanos) throws IOException {
    if (nanos == Long.MAX_VALUE
        || SanAccess.poll(readEnd, Net.POLLIN, ThreadSeat.millis(nanos)) != 0) {
      drain();
    } else {
      rungFrom = FROM_ANYWHERE;
    }
  }

  /**
   * Silences the bell, unless a peer floods the pipe; it then goes on to ring. Returns whether it
   * rang.
   */
  boolean drain() {
    try {
      int last = SanAccess.drain(readEnd, drain);
      rungFrom = last < 0 ? FROM_ANYWHERE : (byte) last;
      return last >= 0;
    } catch (IOException e) {
      throw new AssertionError("own pipe", e); // Both ends stay open for ever.
    }
  }
}
