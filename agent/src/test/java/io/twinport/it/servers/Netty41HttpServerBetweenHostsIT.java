package io.twinport.it.servers;

/** Netty, with its clients on another host. */
class Netty41HttpServerBetweenHostsIT extends Netty41HttpServerIT {
  @Override
  Place place() {
    return Place.twoHosts();
  }
}
