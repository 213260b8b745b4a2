/**
 * Throws errors into the classes under test, at one step after the other: {@link
 * io.twinport.faults.Rounds} runs an operation again and again, each time with a fault one step
 * further on, until the operation ends without having met one.
 */
package io.twinport.faults;
