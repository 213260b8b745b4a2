/**
 * How the switch gets into the JDK: the shim's classes, our own, and what the program forbids.
 *
 * <p>Uses {@code config} and, to have it initialized, waiting. Begin with {@link
 * io.twinport.jdk.Shim}.
 */
package io.twinport.jdk;
