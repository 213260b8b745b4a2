package io.twinport.ucx.pipe;

import java.io.IOException;

/**
 * Whom a pipe tells what happens. All calls are made with the {@link PipeDriver}'s lock held, by
 * any thread, and none from within a call of {@link Pipe}.
 */
public interface PipeReader {
  /**
   * Bytes have arrived, in order, in pieces of any size.
   *
   * @param address of memory that is valid during the call only
   */
  void received(long address, int length);

  /** Chunks that were sent went back to their pool: there may be room to send again. */
  void sent();

  /**
   * Nothing has been sent for a while, and the peer would soon take this end for dead: whoever may
   * say something says something.
   */
  default void quiet() {}

  /**
   * Called now and then as long as the pipe is there, also if nothing happens.
   *
   * @param now as {@link System#nanoTime} has it
   */
  default void swept(long now) {}

  /**
   * The pipe has ended by itself: called once, nothing follows, and the endpoint is given back
   * without a {@link Pipe#close}.
   *
   * @param why null if the peer closed its end
   */
  void ended(IOException why);
}
