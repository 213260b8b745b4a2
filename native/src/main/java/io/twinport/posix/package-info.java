/**
 * Linux system calls through JNR-FFI, as exception-throwing Java methods. Knows nothing of sockets'
 * semantics.
 */
package io.twinport.posix;
