package io.twinport.it.apps;

import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;

/**
 * Runs another program with socket implementations of its own. Arguments: the program's class and
 * its arguments.
 */
public final class WithOwnSocketImpl {
  private WithOwnSocketImpl() {}

  /** Runs the program. */
  @SuppressWarnings("deprecation") // The one-shot factories are what this is about.
  public static void main(String[] arguments) throws Exception {
    Socket.setSocketImplFactory(new ChannelSocketImpl.Factory("client"));
    ServerSocket.setSocketFactory(new ChannelSocketImpl.Factory("server"));
    Class.forName(arguments[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
  }
}
