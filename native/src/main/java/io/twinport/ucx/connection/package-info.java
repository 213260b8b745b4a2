/**
 * How connections over pipes come to be and how they end: the handshake, both ends, a listener's
 * queue. Uses {@code ucx.stream} and {@code ucx.pipe}. Where to start reading: {@link
 * io.twinport.ucx.connection.Handshake}.
 */
package io.twinport.ucx.connection;
