/**
 * The switch without a face: sockets and listeners that are on the SAN and on TCP.
 *
 * <p>Owns: the path of a connection and how it is chosen ({@link io.twinport.core.SwitchSocket},
 * {@code ConnectAttempt}), its two directions ({@link io.twinport.core.ReadHalf}, {@link
 * io.twinport.core.WriteHalf}), how arrivals are taken from both ({@link
 * io.twinport.core.SwitchListener}), and what all of them share ({@link io.twinport.core.Switch}).
 *
 * <p>Uses waiting, registry, the SPI, the settings and the shim; of {@code sun.nio.ch}, nothing
 * else. What users see is in {@code nio}, {@code net} and {@code aio}, which it does not know: they
 * are {@link io.twinport.core.SocketFace}s and {@link io.twinport.core.ListenerFace}s. Begin with
 * {@code SwitchSocket}.
 */
package io.twinport.core;
