/**
 * What {@code Socket} and {@code ServerSocket} must do, as {@code java.net} makes them. Start at
 * {@code SocketContractSuite}, which has them all, with those of {@code socket.protocol}; extend it
 * to run them over another transport. {@code SocketContract} is their base: where releases of the
 * JDK differ, a scenario is played with the JDK's sockets too, and must end the same.
 */
package io.twinport.contract.socket;
