/**
 * Integration tests: real servers and clients as JVMs of their own, seen from outside.
 *
 * <p>The tests are in packages by what they are about, {@code servers}, {@code places}, {@code
 * failures} and so on; the programs that they start are in {@code apps}, and what all tests use is
 * in {@code support}. The same tests run over plain TCP, as their own check, with {@code
 * -Dtwinport.it.plain=true}.
 */
package io.twinport.it;
