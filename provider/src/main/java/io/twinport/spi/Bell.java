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
   */
  int writeFd();
}
