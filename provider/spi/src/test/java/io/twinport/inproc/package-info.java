/** A SAN inside one JVM: proves the SPI and drives the switch's tests without native code. */
package io.twinport.inproc;
