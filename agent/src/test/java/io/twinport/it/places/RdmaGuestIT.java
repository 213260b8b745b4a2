package io.twinport.it.places;

/**
 * Both ends in one guest, at the one address that its RDMA device has. What is local goes over UCX
 * only where shared memory is not named.
 */
class RdmaGuestIT extends RdmaContract {
  @Override
  Guest boot() throws Exception {
    clients = closed(Guest.alone("10.99.0.1"));
    return clients;
  }

  @Override
  String providers() {
    return "ucx";
  }
}
