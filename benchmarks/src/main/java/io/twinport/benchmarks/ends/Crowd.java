package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Many connections to one {@link Service#ECHO}, which stay open. They share their buffers: what
 * they take is the connections' own.
 */
final class Crowd {
  private final Api api;
  private final String address;
  private final ByteBuffer out;
  private final ByteBuffer in;
  private final List<Exchange> all = new ArrayList<>();

  Crowd(Api api, String address, int size) {
    this.api = api;
    this.address = address;
    out = api.allocate(size);
    in = api.allocate(size);
  }

  /** Opens more, until there are so many. */
  void grow(int count) throws IOException {
    while (all.size() < count) {
      all.add(new Exchange(api.connect(address), out, in));
    }
  }

  /** One message there and back on each of the first so many, all under way at once. */
  void roundTrips(int active) throws IOException {
    for (int i = 0; i < active; i++) {
      all.get(i).send();
    }
    for (int i = 0; i < active; i++) {
      all.get(i).answer();
    }
  }
}
