package io.twinport.shm.link;

/** Who is in a slot: one end of a connection. */
public interface Occupant {
  /** The peer has pushed an event for the slot, or is gone. Any thread. */
  void onEvent();

  /** Segments of the peer's data have arrived. On the node's thread. */
  void segmentsArrived();

  /** There may be memory again for what is to be written. On the node's thread. */
  void retry();

  /** The link is about to end although the peer lives: it is told so while it can still hear. */
  void linkBreaks();

  /**
   * Gives memory back that is needed no more, and finishes what an Error has stopped.
   *
   * @return whether there is something to wait for of which nobody tells
   */
  boolean sweep();
}
