package io.twinport.registry;

/**
 * One direction of a connection on the SAN. The counts are plain fields, which the holder of the
 * direction's lock writes and this reads without it: each is one that was true at about the time.
 *
 * @param bytes moved by this end so far
 * @param operations calls that have moved them
 * @param queue bytes that were written at one end and have not been read at the other
 * @param window how many bytes more may be written before somebody has to read
 * @param quietNanos for how long, at least, nothing was moved; negative if that is not known
 * @param waiter who waits now, or null
 * @param slept how often a thread has slept in a call of this direction
 * @param woken how often there was something to do behind such a sleep
 * @param spun how often there was something to do before it slept
 */
public record Flow(
    long bytes,
    long operations,
    int queue,
    int window,
    long quietNanos,
    Waiter waiter,
    long slept,
    long woken,
    long spun) {}
