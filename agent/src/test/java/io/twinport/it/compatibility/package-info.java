/**
 * Real applications, in their newest versions: with the agent at both ends, at one, and without.
 * Run by hand, as their jars are many: {@code mvn verify -Papplications}.
 */
package io.twinport.it.compatibility;
