/**
 * Ordinary programs that the integration tests start as JVMs of their own.
 *
 * <p>They use the JDK, Netty and Jetty only: nothing here may name Twinport.
 */
package io.twinport.it.apps;
