package io.twinport.spi;

/** By this one peer process rings a {@link Bell}, and nobody else. */
public interface BellWire {
  /**
   * The descriptor. Each ring is an edge of its being writable ({@code EPOLLOUT | EPOLLET}); nobody
   * reads or writes to hear of it.
   */
  int fd();

  /**
   * Called after a ring, or several of them. Never blocks. Only the bell calls, one thread at a
   * time.
   *
   * @return the last ringer's core as {@link Bell#from} says it, unsigned
   */
  int heard();
}
