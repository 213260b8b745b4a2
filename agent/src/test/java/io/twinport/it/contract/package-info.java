/** The contract of sockets and channels, in JVMs as users start them. */
package io.twinport.it.contract;
