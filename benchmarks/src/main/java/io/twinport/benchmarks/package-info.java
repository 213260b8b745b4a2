/** Figures: JMH benchmarks and the two-process harness. Nothing that ships depends on it. */
package io.twinport.benchmarks;
