/**
 * The part of UCX's UCP library (libucp, 1.13 and later) that is used, bound with JNR-FFI: loading
 * it into a JVM without harm, its structures, and its calls. Nothing here knows connections, frames
 * or settings.
 *
 * <p>Handles are {@code long}s that the caller owns. A worker and all that belongs to it are used
 * by one thread at a time; callers have a lock for that. Uses {@code posix} and {@code config}.
 * Where to start reading: {@link io.twinport.ucp.UcpWorker}.
 */
package io.twinport.ucp;
