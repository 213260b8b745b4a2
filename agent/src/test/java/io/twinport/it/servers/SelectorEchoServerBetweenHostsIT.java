package io.twinport.it.servers;

/** The selector server, with its clients on another host. */
class SelectorEchoServerBetweenHostsIT extends SelectorEchoServerIT {
  @Override
  Place place() {
    return Place.twoHosts();
  }
}
