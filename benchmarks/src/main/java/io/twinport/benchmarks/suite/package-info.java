/** The suite: what is measured, in which processes, in which order. It judges nothing. */
package io.twinport.benchmarks.suite;
