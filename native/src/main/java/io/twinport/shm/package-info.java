/**
 * The shared-memory SAN provider: links between processes of one host, of which each side writes
 * only its own half. Nothing here knows a channel or a selector; all system calls go through {@code
 * io.twinport.posix}.
 *
 * <p>A peer may mean harm, and can then harm its own connections only. So what it sends is looked
 * at before it is taken ({@link io.twinport.shm.LinkMessages}), what it has is counted ({@link
 * io.twinport.shm.Bounds}), what it may have made slow to close is closed elsewhere ({@link
 * io.twinport.shm.Closer}), and what wakes a process is shared by two only ({@link
 * io.twinport.shm.OwnWire}). Who can do what, and what stops him, is in {@code SECURITY.md}.
 */
package io.twinport.shm;
