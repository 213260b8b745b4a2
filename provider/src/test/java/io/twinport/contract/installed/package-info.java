/**
 * The contract over what the JVM has installed. These classes are no tests of this module: they are
 * run in JVMs that are started for it, with the agent and without. Start at {@code
 * InstalledContract}, which says what its properties are.
 */
package io.twinport.contract.installed;
