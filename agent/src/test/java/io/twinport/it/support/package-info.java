/**
 * What the tests have in common: JVMs and their consoles, networks, what is seen of them from
 * outside, and the one way to wait for what another process does.
 */
package io.twinport.it.support;
