/**
 * The SAN provider between hosts: UCX endpoints, one for each connection, driven by one worker
 * under one lock. Nothing here knows a channel or a selector; all calls into UCX go through {@code
 * io.twinport.ucp}.
 */
package io.twinport.ucx;
