/**
 * The shared-memory SAN provider, as the switch sees it: {@link io.twinport.shm.ShmProvider}, what
 * the user has set, and the {@link io.twinport.shm.Node} that is made of the packages below. Each
 * side of a link writes only its own half of what is shared. Nothing here knows a channel or a
 * selector; all system calls go through {@code io.twinport.posix}.
 *
 * <pre>
 *   shm              the provider and the node
 *    |
 *   shm.rendezvous   names, dialling, greeting
 *    |
 *   shm.connection   requests and verdicts, connections, listeners, both kinds of links
 *    |
 *   shm.stream       the bytes
 *    |
 *   shm.link         messages, event rings, bells, the board and the thread
 *    |
 *   shm.memory       where everything lies; segments, leases, bounds
 * </pre>
 *
 * <p>A package may use those that stand below it, and {@code spi}, {@code config}, {@code host},
 * {@code stream} and {@code posix}. Where to start reading: {@link io.twinport.shm.ShmProvider},
 * then {@link io.twinport.shm.link.Links}.
 *
 * <p>A peer may mean harm, and can then harm its own connections only. So what it sends is looked
 * at before it is taken ({@link io.twinport.shm.link.LinkMessages}), what it has is counted ({@link
 * io.twinport.shm.memory.Bounds}), what it may have made slow to close is closed elsewhere ({@link
 * io.twinport.shm.link.Closer}), and what wakes a process is shared by two only ({@link
 * io.twinport.shm.link.OwnWire}). Who can do what, and what stops him, is in {@code
 * docs/security.md}.
 */
package io.twinport.shm;
