/** The SAN service provider over shared memory, for processes of one host. Never sees a channel. */
package io.twinport.shm;
