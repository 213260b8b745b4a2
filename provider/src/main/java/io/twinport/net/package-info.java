/**
 * The face of {@link java.net.Socket} and {@link java.net.ServerSocket}.
 *
 * <p>Uses the core and what is below it, and the JDK's own sockets by way of the shim. Begin with
 * {@code TwinSocketImpl}.
 */
package io.twinport.net;
