package io.twinport.ucx.pipe;

/**
 * What a connection needs of the endpoint that carries it: bytes in order, each way. All calls are
 * made with the {@link PipeDriver}'s lock held, by any thread, also from within {@link PipeReader}.
 */
public interface Pipe {
  /**
   * Begins to send {@code chunk}'s bytes, up to its limit, behind those sent before. The chunk is
   * the pipe's from here on, and goes back to its pool when the transport is done with it; {@link
   * PipeReader#sent} says so. After the pipe has ended or was closed the bytes go nowhere.
   */
  void send(Chunk chunk);

  /** How many chunks given to {@link #send} the transport is not done with. */
  int unsent();

  /**
   * Hands what arrives from now on, also behind the bytes just being handed over, to {@code to}.
   */
  void reader(PipeReader to);

  /**
   * Closes in order: once all that was given to send has been delivered. The reader hears nothing
   * more. Idempotent.
   */
  void close();

  /** Closes now; what is in flight may be lost. The reader hears nothing more. Idempotent. */
  void abort();
}
