/**
 * How a process is asked how it is, and answers: its name, who may ask, the answer and what it is
 * made from. Uses the switch, and nothing else of the agent. All of it is loaded before a process
 * has its first channel; what only commands need stands elsewhere. Start reading at {@link
 * io.twinport.agent.control.ControlEndpoint}.
 */
package io.twinport.agent.control;
