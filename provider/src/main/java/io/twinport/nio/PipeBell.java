package io.twinport.nio;

import io.twinport.spi.Bell;
import java.io.FileDescriptor;
import java.io.IOException;
import sun.nio.ch.IOUtil;
import sun.nio.ch.SanAccess;

/** A bell of this process: both ends of a non-blocking pipe. */
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

  FileDescriptor readEnd() {
    return readEnd;
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
