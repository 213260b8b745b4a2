package io.twinport.spi;

/**
 * A pipe that wakes a seat. A bell outlives the seat that holds it and is handed from seat to seat
 * with its number, so what a peer process knows by that number stays true for as long as this
 * process lives.
 */
public interface Bell {
  /**
   * A small number, unique in this process, counted from 1. Number 0 is left to the provider's own
   * thread.
   */
  int number();

  /**
   * The file descriptor of the pipe's write end. Write one byte to ring; the pipe is non-blocking.
   * The byte is {@link #from} the core on which the ringer runs, or {@link #FROM_ANYWHERE}.
   */
  int writeFd();

  /** The byte of a ringer that does not say on which core it runs. */
  byte FROM_ANYWHERE = 0;

  /**
   * The byte of a ringer on a core. Where there are more than 255 of them some share a byte: it is
   * a hint for the sleeper, which may have been woken on the very core that the ringer goes on to
   * use.
   *
   * @param core counted from 0; negative if it is not known
   */
  static byte from(int core) {
    return core < 0 ? FROM_ANYWHERE : (byte) (core % 255 + 1);
  }
}
