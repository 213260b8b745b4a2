package io.twinport.benchmarks.suite;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;

/** A program that is over as soon as it has begun. */
public final class StartUpProgram {
  /** What it opens. */
  enum Opens {
    /** No socket. */
    NOTHING,
    /** A {@link SocketChannel}. */
    A_CHANNEL,
    /** A {@link ServerSocket}, bound. */
    A_SERVERSOCKET
  }

  private StartUpProgram() {}

  /**
   * Runs the program.
   *
   * @param args what to open
   */
  public static void main(String[] args) throws IOException {
    switch (Opens.valueOf(args[0])) {
      case NOTHING -> {}
      case A_CHANNEL -> SocketChannel.open().close();
      case A_SERVERSOCKET -> new ServerSocket(0).close();
    }
  }
}
