/**
 * The few Linux calls that the JDK does not offer and shared memory needs, bound with jffi, and
 * plain access to raw memory. What enters here knows descriptors, addresses and errno; nothing
 * about links, connections or channels does.
 *
 * <p>Addresses are {@code long}s and descriptors {@code int}s that the caller owns. Only 64-bit x86
 * and ARM. Uses {@code spi} and {@code config}. Where to start reading: {@link
 * io.twinport.posix.Posix}.
 */
package io.twinport.posix;
