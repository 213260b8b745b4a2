/**
 * What the JDK builds on sockets of {@code java.net} must go on working: TLS, proxies, RMI, HTTP.
 * They run over another transport as part of {@code SocketContractSuite}. Those of HTTP do not: the
 * JDK's client and server take the channels that the JVM has installed.
 */
package io.twinport.contract.socket.protocol;
