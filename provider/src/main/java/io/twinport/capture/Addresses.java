package io.twinport.capture;

import java.net.InetSocketAddress;

/** Both addresses of a connection on the SAN, as one of its ends sees them. */
public record Addresses(InetSocketAddress local, InetSocketAddress remote) {
  /** As the other end sees them. */
  Addresses turned() {
    return new Addresses(/* local= */ remote, /* remote= */ local);
  }
}
