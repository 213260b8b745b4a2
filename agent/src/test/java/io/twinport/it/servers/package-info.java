/** Unmodified servers and applications, each with what it has to show on the SAN and on TCP. */
package io.twinport.it.servers;
