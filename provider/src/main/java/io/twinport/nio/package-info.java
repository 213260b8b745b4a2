/**
 * The face of channels and selectors.
 *
 * <p>Owns: the provider of channels ({@link io.twinport.nio.TwinSelectorProvider}), socket and
 * server channels with their socket adaptors, the selector and its keys.
 *
 * <p>Uses the core and what is below it, and the JDK's {@code sun.nio.ch}. Begin with {@code
 * TwinSocketChannel}; for selectors, with {@code TwinSelector} and {@code SanKeys}.
 */
package io.twinport.nio;
