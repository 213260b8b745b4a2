package sun.nio.ch;

/**
 * A channel that a {@link SanPort} tells of events on its descriptor, and closes with the group.
 */
public abstract class SanPollable implements Port.PollableChannel {}
