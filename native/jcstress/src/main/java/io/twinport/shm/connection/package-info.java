/**
 * Races of the rings and of the accept queue, between the real classes: in their package, since it
 * is their steps that race. Nothing here is shipped.
 */
package io.twinport.shm.connection;
