package io.twinport.contract.peer;

import java.io.Serializable;

/** What is to be done with an object of the other process; runs there. */
@FunctionalInterface
interface Call<O, R> extends Serializable {
  R on(O object) throws Exception;
}
