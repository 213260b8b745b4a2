/**
 * The numbers of this process for other tools: a snapshot of them, the OpenMetrics text, and who
 * serves or writes it where that is set. Uses the registry and the switch. Loaded when somebody
 * asks or the setting says so. Start reading at {@link io.twinport.agent.metrics.Numbers}.
 */
package io.twinport.agent.metrics;
