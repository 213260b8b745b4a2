/**
 * The way into a JVM: whether Twinport is wanted in it, and all that is put in place then, in its
 * order. Uses the transforms, the inner loader, the control endpoint and the switch; what is loaded
 * here costs every process that starts. Start reading at {@link io.twinport.agent.start.Bootstrap}.
 */
package io.twinport.agent.start;
