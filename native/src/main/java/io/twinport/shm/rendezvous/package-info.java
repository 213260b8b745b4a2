/**
 * How two processes find each other: names of listeners, who dials them, who greets whom. A link
 * comes out of it. Uses {@code shm.connection} and what that uses. Where to start reading: {@link
 * io.twinport.shm.rendezvous.Dialler} for a client, {@link io.twinport.shm.rendezvous.Listeners}
 * for a server.
 */
package io.twinport.shm.rendezvous;
