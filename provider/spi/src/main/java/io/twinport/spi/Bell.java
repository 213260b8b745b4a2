package io.twinport.spi;

import java.io.IOException;

/**
 * What wakes a seat from outside the process: a set of descriptors, one for each peer process that
 * may have to. A bell outlives the seat that holds it and is handed from seat to seat with its
 * number, so what a peer process knows by that number stays true for as long as this process lives.
 */
public interface Bell {
  /**
   * A small number, unique in this process, counted from 1. Number 0 is left to the provider's own
   * thread.
   */
  int number();

  /**
   * Has whatever comes by {@code wire} wake the seat. Any thread.
   *
   * @throws IOException if the kernel can't watch one more descriptor
   */
  void add(BellWire wire) throws IOException;

  /**
   * Takes {@link #add} back. When this returns nobody looks at the wire's descriptor any more, so
   * that it can be closed. Does nothing if the wire is not there. Any thread.
   */
  void remove(BellWire wire);

  /** What a ringer says that does not know on which core it runs. */
  byte FROM_ANYWHERE = 0;

  /**
   * What a ringer on a core says. Where there are more than 255 of them some share a byte: it is a
   * hint for the sleeper, which may have been woken on the very core that the ringer goes on to
   * use.
   *
   * @param core counted from 0; negative if it is not known
   */
  static byte from(int core) {
    return core < 0 ? FROM_ANYWHERE : (byte) (core % 255 + 1);
  }
}
