/**
 * What two processes have between them: a socket for messages, control segments with a ring of
 * events each way, and bells by which one wakes the other; and what all links of this process
 * share, its board and its thread. Knows of a connection only that it is in a slot ({@link
 * io.twinport.shm.link.Occupant}). Uses {@code shm.memory}. Where to start reading: {@link
 * io.twinport.shm.link.Link}, then {@link io.twinport.shm.link.ControlSegment}.
 */
package io.twinport.shm.link;
