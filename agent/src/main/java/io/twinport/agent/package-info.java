/**
 * The agent. The JVM comes in through {@code start}, a user through {@code commands}. There is no
 * class in this package itself.
 */
package io.twinport.agent;
