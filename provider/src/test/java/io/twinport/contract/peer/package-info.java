/**
 * A second JVM that plays one end of every connection, so that the contract tests run over two
 * processes as they are written. Talks to it over pipes, never over what is tested.
 */
package io.twinport.contract.peer;
