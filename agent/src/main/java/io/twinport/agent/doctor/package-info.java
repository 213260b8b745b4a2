/**
 * The checks of {@code doctor}: of this machine and Java runtime, and of a process. Start reading
 * at {@link io.twinport.agent.doctor.Diagnosis}.
 */
package io.twinport.agent.doctor;
