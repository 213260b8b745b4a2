/**
 * Both ends of a measured connection, and the processes that they live in: what JMH and the suite
 * have in common. Nothing here decides what is measured, or compares.
 */
package io.twinport.benchmarks.ends;
