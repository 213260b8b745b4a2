/**
 * How connections come to be and how they end: permits, requests and verdicts, the client's and the
 * server's end of a link, the queue of a listener, the places in it that are granted ahead of time.
 * Uses {@code shm.stream} and what that uses; what it needs of those who find processes stands in
 * {@link io.twinport.shm.connection.PermitHolder} and {@link io.twinport.shm.connection.Directory}.
 * Where to start reading: {@code Request}, then {@link io.twinport.shm.connection.ShmConnection}.
 */
package io.twinport.shm.connection;
