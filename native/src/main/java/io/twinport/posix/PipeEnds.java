package io.twinport.posix;

/**
 * Both ends of a pipe, non-blocking and closed on {@code exec}.
 *
 * @param read the descriptor to read from
 * @param write the descriptor to write to
 */
public record PipeEnds(int read, int write) {}
