package io.twinport.benchmarks;

import java.io.IOException;

/** Standard input, whose other end the parent holds: no fork leaves a server behind. */
final class Lifeline {
  private Lifeline() {}

  /** Ends this process when its standard input does. */
  static void watch() {
    Thread watch =
        new Thread(
            () -> {
              int status = 0;
              try {
                while (System.in.read() >= 0) {
                  // The parent has nothing to say but its end.
                }
              } catch (IOException e) {
                e.printStackTrace();
                status = 1;
              }
              Runtime.getRuntime().halt(status);
            },
            "parent-watch");
    watch.setDaemon(true);
    watch.start();
  }
}
