/**
 * Integration tests: real servers and clients as JVMs of their own, seen from outside.
 *
 * <p>The same tests run over plain TCP, as their own check, with {@code -Dtwinport.it.plain=true}.
 */
package io.twinport.it;
