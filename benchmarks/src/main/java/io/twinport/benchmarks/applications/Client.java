package io.twinport.benchmarks.applications;

/** A client of one connection, which stays open until the process ends. One thread uses it. */
public interface Client {
  /**
   * Asks for something else each time, and waits for the answer.
   *
   * @throws Exception if there is none, or not the right one
   */
  void request() throws Exception;
}
