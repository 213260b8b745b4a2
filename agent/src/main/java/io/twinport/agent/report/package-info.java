/**
 * What a process says of itself: its listeners and connections as JSON, in pieces, as there may be
 * many thousands. Loaded once somebody may ask, behind the application's start. Uses the registry.
 * Begin with {@link io.twinport.agent.report.ProcessReport}.
 */
package io.twinport.agent.report;
