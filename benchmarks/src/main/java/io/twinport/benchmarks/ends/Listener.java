package io.twinport.benchmarks.ends;

import java.io.IOException;

/** A listener whose {@code accept} blocks. */
interface Listener {
  /** Where it listens. */
  String address() throws IOException;

  Connection accept() throws IOException;
}
