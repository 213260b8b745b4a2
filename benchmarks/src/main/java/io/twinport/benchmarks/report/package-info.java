/**
 * What is made of samples: figures with their spread, the verdict on each target, plots, tables.
 * Nothing here measures.
 */
package io.twinport.benchmarks.report;
