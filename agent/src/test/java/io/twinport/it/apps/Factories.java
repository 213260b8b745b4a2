package io.twinport.it.apps;

import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocketFactory;

/** Which sockets a program is to use: properties {@code tls} and {@code own}. */
final class Factories {
  private Factories() {}

  static SocketFactory clients() {
    if (Boolean.getBoolean("own")) {
      return OwnSockets.clients();
    }
    return Boolean.getBoolean("tls") ? SSLSocketFactory.getDefault() : SocketFactory.getDefault();
  }

  static ServerSocketFactory servers() {
    if (Boolean.getBoolean("own")) {
      return OwnSockets.servers();
    }
    return Boolean.getBoolean("tls")
        ? SSLServerSocketFactory.getDefault()
        : ServerSocketFactory.getDefault();
  }
}
