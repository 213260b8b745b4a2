package io.twinport.contract.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;

/** An object of the other process. */
record Remote<O>(OtherJvm peer, long id) {
  /** Calls the object; what the call throws is thrown here. */
  @SuppressWarnings("unchecked") // A call's result is what the call's type says, there as here.
  <R> R call(Call<O, R> call) throws IOException {
    return (R) peer.call(peer.nextId(), new Request(id, false, call));
  }

  /** Calls the object for what it does. */
  void run(Action<O> action) throws IOException {
    call(action.asCall());
  }

  /** Calls the object by a method that declares no exception. */
  <R> R ask(Call<O, R> question) {
    try {
      return call(question);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Calls a socket by a method that declares {@link SocketException} only. */
  <R> R get(Call<O, R> getter) throws SocketException {
    try {
      return call(getter);
    } catch (SocketException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #get}, for what the call does. */
  void set(Action<O> setter) throws SocketException {
    get(setter.asCall());
  }

  /** Calls the object for another one; null if there is none. */
  <T> Remote<T> find(Call<O, T> call) throws IOException {
    long found = peer.nextId();
    return (boolean) peer.call(found, new Request(id, true, call))
        ? new Remote<>(peer, found)
        : null;
  }
}
