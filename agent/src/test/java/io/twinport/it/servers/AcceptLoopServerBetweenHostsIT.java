package io.twinport.it.servers;

/** The accept loop, with its clients on another host. */
class AcceptLoopServerBetweenHostsIT extends AcceptLoopServerIT {
  @Override
  Place place() {
    return Place.twoHosts();
  }
}
