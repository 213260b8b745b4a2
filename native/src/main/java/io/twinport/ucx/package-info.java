/**
 * The UCX SAN provider: connections between hosts by RDMA. The provider itself, and its node: one
 * worker of UCP under one lock, which makes pipes out of UCX's endpoints. May use the packages
 * below it, and {@code ucp}. Where to start reading: {@link io.twinport.ucx.UcxNode}.
 *
 * <pre>
 *   ucx              the provider and the node
 *    |
 *   ucx.connection   the handshake, connections, listeners
 *    |
 *   ucx.stream       frames, and the bytes in them
 *    |
 *   ucx.pipe         what a pipe is, who drives it, what is sent in it
 * </pre>
 *
 * <p>Below the node nothing knows of UCX.
 */
package io.twinport.ucx;
