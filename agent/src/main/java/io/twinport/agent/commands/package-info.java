/**
 * What a user calls: {@code java -jar twinport.jar}, a class for each command, and what they print.
 * Only here is picocli used, and no class of it is loaded in an application. Uses the control
 * endpoint's package, other processes, the demo, and the switch to see whether it fits. Start
 * reading at {@link io.twinport.agent.commands.Main}.
 */
package io.twinport.agent.commands;
