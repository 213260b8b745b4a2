/**
 * The switch: channels, selectors and sockets that use TCP and the SAN behind one face. It knows
 * the SAN only through {@code io.twinport.spi}, and no provider by name. Nobody else but the shim
 * touches {@code sun.nio.ch}.
 *
 * <p>Where to start reading:
 *
 * <ul>
 *   <li>a connection: {@link io.twinport.nio.ConnectingChannel} decides its path, {@link
 *       io.twinport.nio.SanStreamChannel} moves its bytes, {@link io.twinport.nio.Half} has the
 *       lock and the waits of a direction, {@link io.twinport.nio.WaitingChannel} the state they
 *       share
 *   <li>a listener: {@link io.twinport.nio.Acceptor}, of channels, sockets and asynchronous
 *       channels
 *   <li>many at once: {@link io.twinport.nio.TwinSelector} and {@link io.twinport.nio.TwinPort}
 *   <li>waiting: {@link io.twinport.nio.Sleep} and why no wakeup is lost, {@link
 *       io.twinport.nio.WaitPolicy} and how long to spin, {@link io.twinport.nio.KernelTurn} and
 *       when it is TCP's turn
 *   <li>what the JDK's own classes ask: {@link io.twinport.nio.Hooks}
 *   <li>what {@code status} shows and {@code off} changes: {@link io.twinport.nio.Registry}
 * </ul>
 */
package io.twinport.nio;
