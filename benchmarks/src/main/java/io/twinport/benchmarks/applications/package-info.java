/**
 * Programs that others wrote, as they are: how their servers are started, and clients that ask them
 * one thing at a time. Nothing here knows of Twinport, or measures.
 */
package io.twinport.benchmarks.applications;
