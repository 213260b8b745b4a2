/**
 * The changes to classes of the JDK: the table of them, and how they are made while any class is
 * loaded. Uses the switch's hooks, and tells the control endpoint's package of native transports.
 * Start reading at {@link io.twinport.agent.transforms.Transform}.
 */
package io.twinport.agent.transforms;
