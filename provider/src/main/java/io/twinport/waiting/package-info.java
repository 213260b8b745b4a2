/**
 * How threads wait for the SAN and for the kernel at once, and how they are woken.
 *
 * <p>Owns: whether a waiter sleeps ({@link io.twinport.waiting.Sleep}, with the argument why no
 * wakeup is lost), how long it spins before ({@link io.twinport.waiting.WaitPolicy}), what it
 * sleeps on ({@link io.twinport.waiting.EpollBell}, {@link io.twinport.waiting.ThreadSeat}), the
 * stack of what was posted ({@link io.twinport.waiting.Posts}), and when TCP has its turn ({@link
 * io.twinport.waiting.KernelTurn}).
 *
 * <p>Uses the SPI, the settings and the shim. Knows no socket. Begin with {@code Sleep}.
 */
package io.twinport.waiting;
