/**
 * What is shared, and how much of it: where everything lies in it ({@link
 * io.twinport.shm.memory.LinkLayout}), this process's memory and the peers', leases of chunks, and
 * the bounds of all that peers can have this process keep. Knows no link. Uses {@code posix},
 * {@code host}, {@code stream} and {@code config}. Where to start reading: {@link
 * io.twinport.shm.memory.LinkLayout}, then {@link io.twinport.shm.memory.ChunkPool}.
 */
package io.twinport.shm.memory;
