package io.twinport.benchmarks;

import java.io.IOException;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What the benchmarks have in common: the client is the fork, the server a process of its own, and
 * the kernel is asked which path was taken. With several threads, each has a server of its own.
 */
@State(Scope.Thread)
public abstract class TwoProcesses {
  /** What carries the bytes. */
  @Param public Transport transport;

  /** Which processors both ends run on. */
  @Param({"NONE", "ONE"})
  public Placement pin;

  /** The server, from the set-up of a trial to its end. */
  ServerProcess server;

  TwoProcesses() {}

  /** Checks which path was taken; a connection must be open both ways. */
  final void verifyPath() throws IOException {
    server.verify(transport);
  }
}
