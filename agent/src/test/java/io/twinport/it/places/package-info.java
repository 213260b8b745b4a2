/**
 * Where the two ends are: hosts, network namespaces, users, an RDMA device, the agent at one end
 * only.
 */
package io.twinport.it.places;
