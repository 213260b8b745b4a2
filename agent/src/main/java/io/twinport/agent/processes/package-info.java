/**
 * Other processes as the commands see them: what the kernel tells of them, and what they answer.
 * Uses the control endpoint's package. Start reading at {@link
 * io.twinport.agent.processes.ControlClient}.
 */
package io.twinport.agent.processes;
