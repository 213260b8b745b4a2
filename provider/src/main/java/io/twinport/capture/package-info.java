/**
 * What a process does while somebody captures the bytes of its SAN connections, and only then: they
 * are put into a bounded queue, which a thread of its own sends to whoever has asked.
 *
 * <p>Stands below {@code core}, whose streams pass through a {@link io.twinport.capture.Tap} if
 * there is one. Uses the SPI, {@code config}, and named sockets of {@code jdk}. No class of it is
 * loaded before the first capture. Begin with {@link io.twinport.capture.Captures}.
 */
package io.twinport.capture;
