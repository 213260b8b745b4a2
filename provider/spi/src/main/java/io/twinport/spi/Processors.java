package io.twinport.spi;

/** On which processor a thread runs. */
public interface Processors {
  /**
   * The one on which the calling thread runs, counted from 0; negative if the kernel can't tell.
   */
  int current();

  /**
   * Moves the calling thread to another one of those it may run on, which are the same afterwards.
   *
   * @return whether there was another one
   */
  boolean change();

  /**
   * Has the calling thread sleep for as short a time as is possible, so that others have its
   * processor. It takes no permit to park away and no interrupt, which are the application's. The
   * default does nothing.
   */
  default void rest() {}
}
