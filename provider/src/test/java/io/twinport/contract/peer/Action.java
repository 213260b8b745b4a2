package io.twinport.contract.peer;

import java.io.Serializable;

/** A {@link Call} that returns nothing. */
@FunctionalInterface
interface Action<O> extends Serializable {
  void on(O object) throws Exception;

  default <R> Call<O, R> asCall() {
    return object -> {
      on(object);
      return null;
    };
  }
}
