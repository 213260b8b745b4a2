/**
 * What else may be in a JVM: other agents, providers of its own, options, virtual threads,
 * children, what was open before.
 */
package io.twinport.it.jvms;
