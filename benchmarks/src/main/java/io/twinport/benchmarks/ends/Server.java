package io.twinport.benchmarks.ends;

import java.io.IOException;

/** A server that listens already. */
public interface Server {
  /** Where, for {@link Api#connect}. */
  String address() throws IOException;

  /** Serves until the process ends. */
  void serve() throws IOException;
}
