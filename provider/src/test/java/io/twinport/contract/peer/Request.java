package io.twinport.contract.peer;

import java.io.Serializable;

/**
 * A call for the other process.
 *
 * @param target the id of the object to call
 * @param interrupted the interrupt status of the calling thread
 * @param keeps whether the result stays there, as an object to call that has this call's id
 */
record Request(long target, boolean interrupted, boolean keeps, Call<?, ?> call)
    implements Serializable {
  Request(long target, boolean keeps, Call<?, ?> call) {
    this(target, Thread.currentThread().isInterrupted(), keeps, call);
  }
}
