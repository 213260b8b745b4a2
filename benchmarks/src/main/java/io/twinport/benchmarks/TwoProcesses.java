package io.twinport.benchmarks;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Transport;
import io.twinport.benchmarks.ends.WorkerProcess;
import java.io.IOException;
import java.util.List;
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
  @Param({"TCP", "SAN"})
  public Transport transport;

  /** Which processors both ends run on. */
  @Param({"NONE", "ONE"})
  public Placement pin;

  /** The server, from the set-up of a trial to its end. */
  private WorkerProcess server;

  private String address;

  TwoProcesses() {}

  /**
   * Starts the server.
   *
   * @return its address
   */
  final String start(Service service, Api api) throws IOException {
    String prefix = System.getProperty(ForkCommand.SERVER_PREFIX, "");
    server = WorkerProcess.startAlike(prefix.isEmpty() ? List.of() : List.of(prefix.split(" ")));
    address = server.serve(service, api, transport);
    return address;
  }

  /** Checks which path was taken; a connection must be open both ways. */
  final void verifyPath() throws IOException {
    WorkerProcess.verify(address, transport);
  }

  /** Ends the server. */
  final void stop() {
    server.close();
  }
}
