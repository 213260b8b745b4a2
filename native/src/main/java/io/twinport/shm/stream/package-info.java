/**
 * The bytes of a connection: a stream each way in leased chunks, whose positions stand in a slot,
 * and who waits for them. Uses {@code shm.link} and {@code shm.memory}. Where to start reading:
 * {@link io.twinport.shm.stream.ShmStreams}, then {@link io.twinport.shm.stream.OutStream}.
 */
package io.twinport.shm.stream;
