/**
 * What must hold where listeners have a twin on a SAN, beside all that holds over TCP. {@code
 * SanPathContract} asks that connections take the SAN; nest it in a class that runs the other
 * contracts. {@code FullBacklogContractSuite} is for a transport that sends the clients of a full
 * twin on to TCP; extend it.
 */
package io.twinport.contract.san;
