/**
 * The face of asynchronous channels and their groups.
 *
 * <p>Owns: the group, whose threads wait for TCP and the SAN ({@code TwinPort}), the channels, and
 * what an operation that waits has to tell ({@code Operation}).
 *
 * <p>Uses the core and what is below it, and the JDK's {@code sun.nio.ch}. Begin with {@code
 * TwinAsynchronousSocketChannel}.
 */
package io.twinport.aio;
