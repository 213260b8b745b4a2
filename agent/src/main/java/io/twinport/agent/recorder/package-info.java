/**
 * Twinport's own events of the flight recorder. Uses the registry, and of the JDK the module {@code
 * jdk.jfr}, which need not be there: nothing here but {@link io.twinport.agent.recorder.Recorder}
 * is loaded before somebody uses the flight recorder.
 */
package io.twinport.agent.recorder;
