package io.twinport.capture;

/**
 * What there is to say of a capture that runs.
 *
 * @param who has asked for it
 * @param filter for people
 * @param destination what is written, as who has asked says it; empty if he says nothing
 * @param startNanos when it has begun, in nanoseconds since 1970
 * @param packets segments that were captured so far
 * @param bytes of the streams in these
 * @param dropped segments that found no room
 * @param droppedBytes of the streams in these
 */
public record CaptureState(
    String who,
    String filter,
    String destination,
    long startNanos,
    long packets,
    long bytes,
    long dropped,
    long droppedBytes) {}
