/**
 * The shared-memory SAN provider: links between processes of one host, of which each side writes
 * only its own half. Nothing here knows a channel or a selector; all system calls go through {@code
 * io.twinport.posix}.
 */
package io.twinport.shm;
